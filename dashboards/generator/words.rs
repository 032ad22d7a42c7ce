//! Words in both languages, side by side.

/// What a dashboard is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    French,
}

/// The same in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    english: &'static str,
    french: &'static str,
}

/// English and French.
pub const fn t(english: &'static str, french: &'static str) -> Text {
    Text { english, french }
}

/// A name or a symbol, the same in both.
pub const fn both(word: &'static str) -> Text {
    t(word, word)
}

pub const USE_CASE: Text = t("Use case", "Cas d’usage");
pub const MODEL: Text = t("Model", "Modèle");
pub const STATUS: Text = t("Status", "État");
pub const TARGET: Text = t("Target", "Cible");
pub const LIMIT: Text = t("limit {{severity}}", "limite {{severity}}");

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    pub fn other(self) -> Self {
        match self {
            Self::English => Self::French,
            Self::French => Self::English,
        }
    }

    /// Below `dashboards/`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::English => "",
            Self::French => "fr/",
        }
    }

    /// In its own words.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }
}

impl Text {
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::French => self.french,
        }
    }
}
