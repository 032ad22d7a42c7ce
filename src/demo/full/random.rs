//! Chance that is the same on every machine: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
//! Generators, OOPSLA 2014). Nothing but integers, sums and products, so that one seed gives the same bytes everywhere.

/// A stream of pseudorandom numbers; not for secrets.
#[derive(Debug, Clone)]
pub struct Chance(u64);

/// The odd number next to 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for each seed, subject and day.
    pub fn of(seed: u64, subject: u64, day: i32) -> Self {
        let of_subject = Self(seed).next() ^ subject.wrapping_mul(STEP);
        Self(Self(of_subject).next() ^ u64::from(day.cast_unsigned()))
    }

    /// 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0, below 1, in steps of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// From 0, below `end`; 0 where `end` is.
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        (wide >> 64) as u64
    }

    pub fn is(&mut self, chance: f64) -> bool {
        self.uniform() < chance
    }

    /// About normal, with mean 0 and variance 1, within ±6: the sum of 12 uniforms less 6 (Irwin and Hall).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// One of several, each with its share; the last where shares are short of 1.
    pub fn one_of<T: Copy>(&mut self, shares: &[(T, f64)], last: T) -> T {
        let mut left = self.uniform();
        for (value, share) in shares {
            if left < *share {
                return *value;
            }
            left -= share;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    /// The authors' reference implementation in C (prng.di.unimi.it/splitmix64.c), as its output is published for this
    /// seed (Rosetta Code, Pseudo-random numbers/Splitmix64).
    #[test]
    fn it_is_splitmix64() {
        let mut chance = Chance::new(1_234_567);
        let found: Vec<u64> = (0..5).map(|_| chance.next()).collect();
        assert_eq!(
            found,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    /// Standard errors of 100,000 draws: mean 1/√n = 0.0032, variance about √(1.9/n) = 0.0044; four of each.
    #[test]
    fn normals_have_mean_0_and_variance_1() {
        let mut chance = Chance::of(1, 2, 3);
        let n = 100_000;
        let drawn: Vec<f64> = (0..n).map(|_| chance.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / f64::from(n);
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.013 && (variance - 1.0).abs() < 0.018, "{mean} {variance}");
    }

    #[test]
    fn streams_differ_by_seed_subject_and_day() {
        let first = |seed, subject, day| Chance::of(seed, subject, day).next();
        let all = [first(1, 1, 1), first(2, 1, 1), first(1, 2, 1), first(1, 1, 2), first(1, 1, -1)];
        let different: std::collections::BTreeSet<u64> = all.into();
        assert_eq!(different.len(), all.len());
    }
}
