//! "Did you mean": the known word nearest to one that is not known.

/// The word at the smallest edit distance, where that is at most a third of the longer word's length.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| distance * 3 <= word.chars().count().max(candidate.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
        .or_else(|| begun(word, &known))
}

/// Shortest beginning that may stand for a word.
const BEGINNING_MIN: usize = 3;

/// The only one that begins with the word.
fn begun<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut begun = known.iter().filter(|candidate| candidate.starts_with(word));
    let first = begun.next().filter(|_| word.len() >= BEGINNING_MIN);
    first.copied().filter(|_| begun.next().is_none())
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["listen", "auth", "tokens_file"];
        assert_eq!(nearest("lisetn", known), Some("listen"));
        assert_eq!(nearest("token_file", known), Some("tokens_file"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest("tokens", known), Some("tokens_file"));
        assert_eq!(nearest("li", known), None);
        assert_eq!(nearest("from", ["from_day_one", "from_day_two"]), None);
    }
}
