//! What is sent besides rows and samples: what was done, what was noticed, and what went wrong with a sender.

/// One request.
#[derive(Debug)]
pub struct Aside {
    /// The day of the year, from 0 on.
    pub day: i32,
    /// Below `/v1/`.
    pub path: &'static str,
    /// JSON.
    pub body: &'static str,
    /// What it is answered with.
    pub status: u16,
}

/// In order. The churn model is maintained, but for its preventive retraining.
pub const ASIDES: [Aside; 9] = [
    // A sender that was forgotten: the model of its name has gone.
    Aside {
        day: 59,
        path: "models/churn_v0/predictions",
        body: r#"[{"id":"syn-churn_v0-1","prediction":"stays"}]"#,
        status: 404,
    },
    done(135, r#"{"model":"churn","task":"data_refresh","period":"quarterly","note":"synthetic"}"#),
    // What driftd cannot see is told by those who read contracts. This was mended the next day, within its 24 hours.
    Aside {
        day: 159,
        path: "incidents",
        body: r#"{"kind":"hallucination","severity":"critical","model":"contract_risk","summary":"Synthetic: a clause was quoted that no contract has"}"#,
        status: 200,
    },
    Aside {
        day: 160,
        path: "incidents",
        body: r#"{"kind":"hallucination","state":"resolved","model":"contract_risk"}"#,
        status: 200,
    },
    done(227, r#"{"model":"churn","task":"data_refresh","period":"quarterly","note":"synthetic"}"#),
    done(257, r#"{"model":"churn","task":"compliance_audit","period":"half_yearly","note":"synthetic"}"#),
    // And this is open still.
    Aside {
        day: 293,
        path: "incidents",
        body: r#"{"kind":"security","severity":"warning","model":"contract_risk","summary":"Synthetic: a contract asks its reader for a low rating"}"#,
        status: 200,
    },
    done(319, r#"{"model":"churn","task":"data_refresh","period":"quarterly","note":"synthetic"}"#),
    // The first try of the sender that names reviewers: nothing of it counts.
    Aside {
        day: 320,
        path: "models/contract_risk/predictions",
        body: r#"[{"id":"syn-contract_risk-lost","ts":"yesterday","prediction":"low"}]"#,
        status: 422,
    },
];

const fn done(day: i32, body: &'static str) -> Aside {
    Aside { day, path: "maintenance", body, status: 200 }
}
