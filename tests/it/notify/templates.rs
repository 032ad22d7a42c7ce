//! Templates: what is wrong with them is said at once; what names hold cannot lead elsewhere.

use driftd::notify::*;

use super::{message, opened, receiver, start, three, url};

fn options(path: Option<&str>, body: &str) -> TemplateOptions {
    TemplateOptions {
        url: url("https://ci.example.org/base"),
        method: "POST".parse().unwrap(),
        path: path.map(str::to_owned),
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        body: body.to_owned(),
    }
}

fn why(options: TemplateOptions) -> String {
    Template::new(options).unwrap_err().to_string()
}

fn requests(template: Template, message: &Message) -> Result<Vec<Request>, Failure> {
    match receiver("any", Channel::Template(Box::new(template))).dispatch(message, start())? {
        Dispatch::Http { requests, .. } => Ok(requests),
        Dispatch::Mail(_) => unreachable!("a template makes requests"),
    }
}

#[test]
fn a_template_that_does_not_work_is_refused_when_it_is_read() {
    assert!(why(options(None, "{{ data.titel }}")).contains("undefined"), "an unknown name");
    assert!(why(options(None, "{% if %}")).contains("syntax error"));
    let quoted = why(options(None, r#"{"text": "{{ data.title }}"}"#));
    assert!(quoted.contains("quoted by itself"), "{quoted}");
    assert!(why(options(Some("{{ data.title }}"), "{}")).contains("begin with `/`"));
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert!(why(options(None, endless)).contains("fuel"), "{}", why(options(None, endless)));
    let header = TemplateOptions { headers: vec![("no name".into(), "x".into())], ..options(None, "{}") };
    assert!(why(header).contains("no header's name"));
}

#[test]
fn a_path_keeps_its_host_and_its_folder() {
    let template =
        Template::new(options(Some("/{{ data.subject }}/go?of={{ data.subject }}"), "{}")).unwrap();
    let mut hostile = three().remove(1);
    hostile.subject = "//evil.example/../?a=b#c".parse().unwrap();
    let url = requests(template, &message(vec![hostile.clone()])).unwrap().remove(0).url;
    assert_eq!(
        url.as_str(),
        "https://ci.example.org/base/%2F%2Fevil.example%2F..%2F%3Fa%3Db%23c/go?of=%2F%2Fevil.example%2F..%2F%3Fa%3Db%23c"
    );

    hostile.subject = "..".parse().unwrap();
    let template = Template::new(options(Some("/{{ data.subject }}/go"), "{}")).unwrap();
    let refused = requests(template, &message(vec![hostile])).unwrap_err();
    assert!(refused.is_permanent() && refused.to_string().contains("dots alone"), "{refused}");
}

#[test]
fn what_an_incident_lacks_is_null() {
    let template = Template::new(options(None, r#"{"version": {{ data.version }}}"#)).unwrap();
    let mut plain = opened(1);
    plain.version = None;
    let body = requests(template, &message(vec![plain])).unwrap().remove(0).body;
    assert_eq!(String::from_utf8(body).unwrap(), r#"{"version": null}"#);
}
