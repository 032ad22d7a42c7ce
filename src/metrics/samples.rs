//! Writing families through prometheus-client's encoder. What is not finite is left out here, whoever let it through.

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabel, EncodeLabelSet, EncodeMetric, LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::Histogram;

use super::names::{Family, Kind};

/// A sample's number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Whole(u64),
    Real(f64),
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl Value {
    fn is_finite(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Real(value) => value.is_finite(),
        }
    }
}

impl Family {
    /// Writes the family with all its samples, label values in the order of `self.labels`; nothing at all where there
    /// is no sample.
    pub(super) fn write<'v, const N: usize, V: Into<Value>>(
        &self,
        encoder: &mut DescriptorEncoder,
        samples: impl IntoIterator<Item = ([&'v str; N], V)>,
    ) -> fmt::Result {
        debug_assert_eq!(N, self.labels.len(), "{}", self.name);
        let mut samples = samples
            .into_iter()
            .map(|(labels, value)| (labels, value.into()))
            .filter(|(_, value)| value.is_finite())
            .peekable();
        if samples.peek().is_none() {
            return Ok(());
        }
        let mut family = self.begin(encoder)?;
        for (values, value) in samples {
            let labels = Labels { names: self.labels, values: &values };
            match N {
                0 => self.write_value(&mut family, value)?,
                _ => self.write_value(&mut family.encode_family(&labels)?, value)?,
            }
        }
        Ok(())
    }

    /// Writes a family without labels.
    pub(super) fn write_one(
        &self,
        encoder: &mut DescriptorEncoder,
        value: Option<impl Into<Value>>,
    ) -> fmt::Result {
        self.write(encoder, value.map(|value| ([], value)))
    }

    /// Writes a histogram without labels.
    pub(super) fn write_histogram(
        &self,
        encoder: &mut DescriptorEncoder,
        histogram: &Histogram,
    ) -> fmt::Result {
        histogram.encode(self.begin(encoder)?)
    }

    /// Writes histograms, label values in the order of `self.labels`.
    pub(super) fn write_histograms<'v, const N: usize>(
        &self,
        encoder: &mut DescriptorEncoder,
        histograms: impl IntoIterator<Item = ([&'v str; N], &'v Histogram)>,
    ) -> fmt::Result {
        debug_assert_eq!(N, self.labels.len(), "{}", self.name);
        let mut family = self.begin(encoder)?;
        for (values, histogram) in histograms {
            let labels = Labels { names: self.labels, values: &values };
            histogram.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn begin<'e>(&'e self, encoder: &'e mut DescriptorEncoder) -> Result<MetricEncoder<'e>, fmt::Error> {
        let (name, kind) = match self.kind {
            Kind::Counter => (self.name.trim_end_matches("_total"), MetricType::Counter),
            Kind::Gauge => (self.name, MetricType::Gauge),
            Kind::Histogram => (self.name, MetricType::Histogram),
        };
        encoder.encode_descriptor(name, self.help, None, kind)
    }

    fn write_value(&self, sample: &mut MetricEncoder, value: Value) -> fmt::Result {
        match (self.kind, value) {
            (Kind::Counter, Value::Whole(value)) => sample.encode_counter::<NoLabelSet, _, u64>(&value, None),
            (Kind::Counter, Value::Real(value)) => sample.encode_counter::<NoLabelSet, _, f64>(&value, None),
            (_, Value::Whole(value)) => sample.encode_gauge(&value),
            (_, Value::Real(value)) => sample.encode_gauge(&value),
        }
    }
}

/// Label names and values side by side.
struct Labels<'a> {
    names: &'static [&'static str],
    values: &'a [&'a str],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder) -> fmt::Result {
        for (&name, &value) in self.names.iter().zip(self.values) {
            (name, value).encode(encoder.encode_label())?;
        }
        Ok(())
    }
}
