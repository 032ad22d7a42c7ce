//! Precision, recall and F1 of several classes, averaged, with the derivatives that their errors come from.

use super::measured::Reason;
use super::metric::Metric;

/// Rows (or expected rows) by actual class, then predicted class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    pub classes: usize,
    pub cells: Vec<f64>,
}

/// An average over the classes, and its derivative by each cell.
#[derive(Debug)]
pub(super) struct Average {
    pub value: f64,
    pub gradient: Matrix,
}

/// `hit · n_kk / (of_actual · row_k + of_predicted · column_k)` of a class k.
struct Ratio {
    hit: f64,
    of_actual: f64,
    of_predicted: f64,
}

impl Ratio {
    fn of(metric: Metric) -> Result<Self, Reason> {
        let [hit, of_actual, of_predicted] = match metric {
            Metric::PrecisionMacro | Metric::PrecisionWeighted => [1.0, 0.0, 1.0],
            Metric::RecallMacro | Metric::RecallWeighted => [1.0, 1.0, 0.0],
            Metric::F1Macro | Metric::F1Weighted => [2.0, 1.0, 1.0],
            _ => return Err(Reason::WrongTask),
        };
        Ok(Self { hit, of_actual, of_predicted })
    }
}

impl Matrix {
    pub fn rows(&self) -> f64 {
        self.cells.iter().sum()
    }

    pub fn at(&self, actual: usize, predicted: usize) -> f64 {
        self.cells[actual * self.classes + predicted]
    }

    /// Rows of a class as it is, and as it is predicted.
    fn margins(&self, class: usize) -> [f64; 2] {
        let each = 0..self.classes;
        [each.clone().map(|j| self.at(class, j)).sum(), each.map(|i| self.at(i, class)).sum()]
    }

    /// A macro or weighted average as scikit-learn has it: over the classes seen as actual or predicted, one with nothing
    /// in its denominator counting as 0; weighted by actual rows. Errors for no rows and for other metrics.
    pub fn average(&self, metric: Metric) -> Result<Average, Reason> {
        let Ratio { hit, of_actual, of_predicted } = Ratio::of(metric)?;
        let rows = self.rows();
        if rows <= 0.0 {
            return Err(Reason::NoRows);
        }
        let weighted =
            matches!(metric, Metric::PrecisionWeighted | Metric::RecallWeighted | Metric::F1Weighted);
        let margins: Vec<[f64; 2]> = (0..self.classes).map(|k| self.margins(k)).collect();
        let seen = margins.iter().filter(|[actual, predicted]| actual + predicted > 0.0).count() as f64;
        // Of each class its weight, ratio and denominator.
        let parts: Vec<[f64; 3]> = margins
            .iter()
            .enumerate()
            .map(|(k, [actual, predicted])| {
                let whole = of_actual * actual + of_predicted * predicted;
                let ratio = if whole > 0.0 { hit * self.at(k, k) / whole } else { 0.0 };
                [if weighted { actual / rows } else { 1.0 / seen }, ratio, whole]
            })
            .collect();
        let value = parts.iter().map(|[weight, ratio, _]| weight * ratio).sum();
        let slope = |class: usize, factor: f64| match parts[class] {
            [weight, _, whole] if whole > 0.0 => weight * factor / whole,
            _ => 0.0,
        };
        let mut gradient = Self { classes: self.classes, cells: Vec::with_capacity(self.cells.len()) };
        for actual in 0..self.classes {
            for predicted in 0..self.classes {
                let on_diagonal = if actual == predicted { slope(actual, hit) } else { 0.0 };
                let of_weight = if weighted { (parts[actual][1] - value) / rows } else { 0.0 };
                let lost = slope(actual, of_actual * parts[actual][1])
                    + slope(predicted, of_predicted * parts[predicted][1]);
                gradient.cells.push(on_diagonal - lost + of_weight);
            }
        }
        Ok(Average { value, gradient })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_value() {
        let matrix = Matrix { classes: 3, cells: vec![50.0, 7.0, 3.0, 12.0, 20.0, 1.0, 0.0, 4.0, 9.0] };
        for metric in [
            Metric::PrecisionMacro,
            Metric::PrecisionWeighted,
            Metric::RecallMacro,
            Metric::RecallWeighted,
            Metric::F1Macro,
            Metric::F1Weighted,
        ] {
            let gradient = matrix.average(metric).unwrap().gradient;
            for cell in 0..9 {
                let value_at = |step: f64| {
                    let mut moved = matrix.clone();
                    moved.cells[cell] += step;
                    moved.average(metric).unwrap().value
                };
                let slope = (value_at(1e-4) - value_at(-1e-4)) / 2e-4;
                assert!((gradient.cells[cell] - slope).abs() < 1e-8, "{metric}, cell {cell}");
            }
        }
    }
}
