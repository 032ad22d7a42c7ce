//! Samples of KPIs: straight into states by stream, segment and pane.

use hashbrown::HashMap;

use super::fields::admitted;
use super::json::{Cursor, Value};
use super::keys::Keys;
use super::kpi_values::{Panes, bad, number, revision, text, truth, user};
use super::reject::{RejectReason, Rejections};
use super::values::plain_name;
use super::{Admission, BodyError, DecodeLimits, Format, ReadRow, read_body};
use crate::batch::{UnknownKeys, segment_value_name};
use crate::domain::{IdHasher, Segment, Timestamp, nearest};
use crate::kpi::{
    Catalogue, Definition, Kind, KpiId, Outcome, PaneUnit, Sample, SampleValue, Sign, State, StateKind,
    Stream, StreamKey,
};

/// What a body of samples held.
#[derive(Debug)]
pub struct DecodedKpis {
    /// Each stream, segment and pane once, with the largest time of its samples.
    pub counts: Vec<(StreamKey, State, Timestamp)>,
    pub accepted: u64,
    pub rejections: Rejections,
    pub unknown_keys: UnknownKeys,
}

/// Decodes bodies of samples for one catalogue.
pub struct KpiDecoder<'c> {
    rows: Rows<'c>,
}

struct Rows<'c> {
    catalogue: &'c Catalogue,
    streams: Vec<StreamOf<'c>>,
    /// Places in `streams` by use case, model and name.
    by_name: HashMap<Box<str>, u32>,
    users: IdHasher,
    keys: Keys,
    attributes: Vec<&'c str>,
    attribute_keys: Keys,
    panes: Panes<'c>,
    /// The row that was read and is not settled yet.
    pending: Option<Pending>,
    counts: HashMap<CountKey, (State, Timestamp)>,
    segments: Vec<Box<str>>,
    segment_places: HashMap<Box<str>, u32>,
    accepted: u64,
    name: String,
}

struct StreamOf<'c> {
    id: &'c KpiId,
    checks: &'c Stream,
    kind: StateKind,
    pane: PaneUnit,
    /// The place of the attribute that it is also counted by.
    by: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct CountKey {
    stream: u32,
    /// The place of the segment's value; none counts every sample.
    slice: Option<u32>,
    /// The start of its pane.
    pane: Timestamp,
}

struct Pending {
    stream: u32,
    slice: Option<u32>,
    pane: Timestamp,
    sample: Sample,
}

const KEYS: [&str; 12] = [
    "kpi",
    "ts",
    "value",
    "user",
    "numerator",
    "denominator",
    "use_case",
    "model",
    "failed",
    "segments",
    "revision",
    "retract",
];
const KPI: usize = 0;
const TS: usize = 1;
const VALUE: usize = 2;
const USER: usize = 3;
const NUMERATOR: usize = 4;
const DENOMINATOR: usize = 5;
const USE_CASE: usize = 6;
const MODEL: usize = 7;
const FAILED: usize = 8;
const SEGMENTS: usize = 9;
const REVISION: usize = 10;
const RETRACT: usize = 11;
const IN_ROW: usize = 1;
const IN_SEGMENTS: usize = 2;
const PART: char = '\u{1f}';

/// What a row said, before it is known which of it the stream wants.
#[derive(Default)]
struct Said {
    at: Option<Timestamp>,
    value: Option<f64>,
    user: Option<u64>,
    numerator: Option<f64>,
    denominator: Option<f64>,
    failed: Option<bool>,
    revision: u32,
    retract: bool,
}

impl<'c> KpiDecoder<'c> {
    pub fn new(catalogue: &'c Catalogue, users: IdHasher) -> Self {
        let mut attributes: Vec<&str> = Vec::new();
        let (mut streams, mut by_name) = (Vec::new(), HashMap::new());
        for (id, stream) in catalogue.streams() {
            let by = stream.by.as_deref().map(|by| match attributes.iter().position(|known| *known == by) {
                Some(at) => at as u32,
                None => {
                    attributes.push(by);
                    attributes.len() as u32 - 1
                }
            });
            by_name.insert(name_of(id).into(), streams.len() as u32);
            streams.push(StreamOf { id, checks: stream, kind: stream.kind, pane: stream.pane, by });
        }
        Self {
            rows: Rows {
                catalogue,
                streams,
                by_name,
                users,
                keys: Keys::new(KEYS),
                attribute_keys: Keys::new(attributes.iter().copied()),
                attributes,
                panes: Panes::of(catalogue.calendar()),
                pending: None,
                counts: HashMap::new(),
                segments: Vec::new(),
                segment_places: HashMap::new(),
                accepted: 0,
                name: String::new(),
            },
        }
    }

    /// Decodes a whole body. Errors where none of it may count; else every row is counted or a rejection.
    pub fn decode(
        mut self,
        body: &[u8],
        format: Format,
        admission: &Admission,
        limits: &DecodeLimits,
    ) -> Result<DecodedKpis, BodyError> {
        let rejections = read_body(&mut self.rows, body, format, admission, limits)?;
        let Rows { catalogue, mut keys, counts, streams, attributes, segments, accepted, .. } = self.rows;
        let key_of = |key: CountKey| {
            let stream = &streams[key.stream as usize];
            let segment = match stream.by.zip(key.slice) {
                Some((by, slice)) => Segment::Slice {
                    attribute: attributes[by as usize].into(),
                    value: segments[slice as usize].clone(),
                },
                None => Segment::All,
            };
            let pane = catalogue.calendar().pane(stream.pane, key.pane);
            StreamKey { stream: stream.id.clone(), segment, pane }
        };
        let counts = counts.into_iter().map(|(key, (state, newest))| (key_of(key), state, newest));
        Ok(DecodedKpis { counts: counts.collect(), accepted, rejections, unknown_keys: keys.take_unknown() })
    }
}

/// One text for one stream: parts are parted by a control character, which none of them can hold.
fn name_of(id: &KpiId) -> String {
    let use_case = id.use_case.as_ref().map_or("", |id| id.as_str());
    let model = id.model.as_ref().map_or("", |id| id.as_str());
    format!("{use_case}{PART}{model}{PART}{}", id.name)
}

impl ReadRow for Rows<'_> {
    fn read(&mut self, cursor: &mut Cursor<'_>, admission: &Admission) -> Result<(), RejectReason> {
        self.pending = None;
        if cursor.peek() != b'{' {
            cursor.skip_value(0)?;
            return Err(RejectReason::NotSample);
        }
        let Self { keys, users, attribute_keys, segments, segment_places, name, by_name, .. } = self;
        let mut said = Said::default();
        let mut names = [const { None }; 3];
        let mut slices: Vec<(usize, u32)> = Vec::new();
        keys.read_object(cursor, "", |cursor, key| {
            match key {
                Some(USE_CASE) => names[0] = text(cursor.value(IN_ROW)?, "use_case")?,
                Some(MODEL) => names[1] = text(cursor.value(IN_ROW)?, "model")?,
                Some(KPI) => names[2] = text(cursor.value(IN_ROW)?, "kpi")?,
                Some(TS) => said.at = Some(admitted(&cursor.value(IN_ROW)?, admission)?),
                Some(VALUE) => said.value = number(&cursor.value(IN_ROW)?, "value")?,
                Some(NUMERATOR) => said.numerator = number(&cursor.value(IN_ROW)?, "numerator")?,
                Some(DENOMINATOR) => said.denominator = number(&cursor.value(IN_ROW)?, "denominator")?,
                Some(USER) => said.user = user(users, &cursor.value(IN_ROW)?)?,
                Some(FAILED) => said.failed = truth(&cursor.value(IN_ROW)?, "failed")?,
                Some(RETRACT) => said.retract = truth(&cursor.value(IN_ROW)?, "retract")?.unwrap_or(false),
                Some(REVISION) => said.revision = revision(&cursor.value(IN_ROW)?)?,
                Some(SEGMENTS) => {
                    if cursor.peek() != b'{' {
                        return match cursor.value(IN_ROW)? {
                            Value::Null => Ok(()),
                            _ => Err(RejectReason::KeyNotObject { key: "segments" }),
                        };
                    }
                    attribute_keys.read_object(cursor, "segments.", |cursor, key| {
                        let value = cursor.value(IN_SEGMENTS)?;
                        if let Some(attribute) = key
                            && let Ok(value) = plain_name(&value)
                            && !value.is_empty()
                        {
                            slices.push((attribute, intern(segments, segment_places, &value)));
                        }
                        Ok(())
                    })?;
                }
                _ => cursor.skip_value(IN_ROW)?,
            }
            Ok(())
        })?;
        let [use_case, model, kpi] = names;
        let kpi = kpi.ok_or_else(|| bad("key `kpi` is missing: the name of a KPI"))?;
        name.clear();
        for part in [use_case.as_deref().unwrap_or(""), model.as_deref().unwrap_or("")] {
            name.push_str(part);
            name.push(PART);
        }
        name.push_str(&kpi);
        let stream = by_name.get(name.as_str()).copied();
        let Some(stream) = stream else {
            return Err(self.unknown(use_case.as_deref(), model.as_deref(), &kpi));
        };
        self.pending = Some(self.pending_of(stream, &said, &slices, admission.arrival)?);
        Ok(())
    }

    fn settle(&mut self, rows: usize, accepted: bool) {
        self.keys.settle(rows as u32, accepted);
        self.attribute_keys.settle(rows as u32, accepted);
        let Some(Pending { stream, slice, pane, sample }) = self.pending.take().filter(|_| accepted) else {
            return;
        };
        self.accepted += 1;
        let kind = self.streams[stream as usize].kind;
        for slice in [None].into_iter().chain(slice.map(Some)) {
            let (state, newest) = self
                .counts
                .entry(CountKey { stream, slice, pane })
                .or_insert_with(|| (State::empty(kind), sample.at));
            *newest = sample.at.max(*newest);
            state.add(&sample).expect("the sample was checked when it was read");
        }
    }
}

impl<'c> Rows<'c> {
    /// What is counted of a row, checked.
    fn pending_of(
        &mut self,
        stream: u32,
        said: &Said,
        slices: &[(usize, u32)],
        arrival: Timestamp,
    ) -> Result<Pending, RejectReason> {
        let of = &self.streams[stream as usize];
        let at = said.at.unwrap_or(arrival);
        let value = said.value_for(of.kind)?;
        if said.revision > 0 && of.kind != StateKind::Last {
            return Err(bad(
                "key `revision` corrects KPIs of kind `last`; of others `retract` the sample and send it anew",
            ));
        }
        let sign = if said.retract { Sign::Retracts } else { Sign::Counts };
        let sample = Sample { at, value, revision: said.revision, sign };
        let pane = self.panes.pane_of(of.pane, at);
        of.checks
            .check(&sample)
            .and_then(|()| of.kind.check(&sample))
            .map_err(|error| bad(error.to_string()))?;
        let slice = of.by.and_then(|by| slices.iter().find(|(attribute, _)| *attribute == by as usize));
        Ok(Pending { stream, slice: slice.map(|(_, value)| *value), pane, sample })
    }

    /// What is there instead, for whoever named no KPI that takes samples.
    fn unknown(&self, use_case: Option<&str>, model: Option<&str>, kpi: &str) -> RejectReason {
        let is_theirs = |id: &KpiId| {
            id.use_case.as_ref().map(|id| id.as_str()) == use_case
                && id.model.as_ref().map(|id| id.as_str()) == model
        };
        let is_named = |of: &&Definition| is_theirs(&of.id) && of.id.name.as_str() == kpi;
        if let Some(of) = self.catalogue.definitions().find(is_named) {
            return bad(match &of.kind {
                Kind::Formula(_) => "key `kpi`: it is computed from others and takes no samples".to_owned(),
                Kind::Counted { stream, .. } => {
                    format!("key `kpi`: it is read from the samples of {stream}: send those")
                }
            });
        }
        let theirs: Vec<&str> =
            self.streams.iter().filter(|of| is_theirs(of.id)).map(|of| of.id.name.as_str()).collect();
        let whose = match (use_case, model) {
            (None, None) => "outside of use cases and models; `use_case` or `model` says whose it is",
            _ => "of this `use_case` and `model`",
        };
        let owners = self.owners();
        let owner = use_case.or(model).and_then(|owner| nearest(owner, owners.iter().copied()));
        let there = match (nearest(kpi, theirs.iter().copied()), &*theirs, owner) {
            (Some(near), ..) => format!("did you mean `{near}`?"),
            (None, [], Some(owner)) => format!("did you mean those of `{owner}`?"),
            (None, [], None) if owners.is_empty() => "the config has none".to_owned(),
            (None, [], None) => format!("those that do are of {}", listed(&owners)),
            (None, theirs, _) => format!("there are {}", listed(theirs)),
        };
        bad(format!("key `kpi` names no KPI that takes samples {whose}; {there}"))
    }

    /// Use cases and models that have some.
    fn owners(&self) -> Vec<&'c str> {
        let of = |stream: &StreamOf<'c>| match (&stream.id.use_case, &stream.id.model) {
            (Some(use_case), _) => Some(use_case.as_str()),
            (None, model) => model.as_ref().map(|id| id.as_str()),
        };
        let mut owners: Vec<&str> = self.streams.iter().filter_map(of).collect();
        owners.dedup();
        owners
    }
}

/// The first few by name, the rest by number.
fn listed(names: &[&str]) -> String {
    let (shown, rest) = names.split_at(names.len().min(RejectReason::CLASSES_SHOWN));
    match rest.len() {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}

impl Said {
    /// The part of a row that a stream counts.
    fn value_for(&self, kind: StateKind) -> Result<SampleValue, RejectReason> {
        let missing = |why: &str| bad(why);
        match kind {
            StateKind::Ratio => match (self.numerator, self.denominator) {
                (Some(numerator), Some(denominator)) => Ok(SampleValue::Parts { numerator, denominator }),
                _ => Err(missing("keys `numerator` and `denominator` are wanted of this KPI, both numbers")),
            },
            StateKind::Distinct => self
                .user
                .map(SampleValue::User)
                .ok_or_else(|| missing("key `user` is wanted of this KPI: who it was")),
            StateKind::Slots => match self.failed {
                Some(true) => Ok(SampleValue::Outcome(Outcome::Failed)),
                Some(false) => Ok(SampleValue::Outcome(Outcome::Succeeded)),
                None => Err(missing("key `failed` is wanted of this KPI: true or false")),
            },
            StateKind::Last | StateKind::Sums | StateKind::Histogram | StateKind::Answers => self
                .value
                .map(SampleValue::Number)
                .ok_or_else(|| missing("key `value` is wanted of this KPI: a number")),
        }
    }
}

fn intern(names: &mut Vec<Box<str>>, places: &mut HashMap<Box<str>, u32>, value: &str) -> u32 {
    if let Some(&place) = places.get(value) {
        return place;
    }
    let place = names.len() as u32;
    names.push(segment_value_name(value).as_ref().into());
    places.insert(value.into(), place);
    place
}
