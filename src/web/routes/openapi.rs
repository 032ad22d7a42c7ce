//! The table of routes as an OpenAPI document: made from the table itself, so that it is never behind it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::Method;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Components, Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, Info, ObjectBuilder, OpenApi, Paths, Ref, RefOr, Required, Response, ResponseBuilder,
};

use super::table::Route;
use crate::web::failure::ErrorAnswer;
use crate::web::role::Access;

const JSON: &str = "application/json";
const SCHEME: &str = "token";

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A JSON type by its name, with its schema and those that it refers to.
#[derive(Clone, Copy)]
pub(in crate::web) struct Shape {
    name: fn() -> std::borrow::Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    within: fn(&mut Schemas),
}

/// What a route answers with 200.
pub(in crate::web) enum Answers {
    Json(Shape),
    /// JSON that is described elsewhere.
    AnyJson,
    Text(&'static [&'static str]),
}

impl Shape {
    pub fn of<T: utoipa::ToSchema>() -> Self {
        Self { name: T::name, schema: T::schema, within: T::schemas }
    }

    fn content(self) -> Content {
        Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name((self.name)()))))
    }
}

/// The document, as JSON.
pub(super) fn document<S>(table: &[Route<S>]) -> Bytes {
    let mut paths = Paths::new();
    let mut schemas = BTreeMap::new();
    let mut add = |shape: Shape| {
        let mut within = vec![((shape.name)().into_owned(), (shape.schema)())];
        (shape.within)(&mut within);
        schemas.extend(within);
    };
    add(Shape::of::<ErrorAnswer>());
    for route in table {
        paths.add_path_operation(route.path, vec![http_method(&route.method)], operation(route));
        route.asks.into_iter().for_each(&mut add);
        if let Answers::Json(shape) = route.answers {
            add(shape);
        }
    }
    let mut components = Components::new();
    components.schemas = schemas;
    components.add_security_scheme(SCHEME, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut document = OpenApi::new(Info::new("driftd", env!("CARGO_PKG_VERSION")), paths);
    document.components = Some(components);
    document.to_json().expect("the document is made of strings and maps of them").into()
}

fn http_method(method: &Method) -> HttpMethod {
    if *method == Method::POST { HttpMethod::Post } else { HttpMethod::Get }
}

fn operation<S>(route: &Route<S>) -> Operation {
    let mut operation = OperationBuilder::new()
        .summary(Some(route.summary))
        .response("200", answer(&route.answers))
        .response("default", failure());
    operation = match route.access {
        Access::Public => operation.description(Some("Needs no token.")),
        access => operation
            .description(Some(format!("Needs {access}, where tokens are configured.")))
            .security(SecurityRequirement::new::<_, [&str; 0], &str>(SCHEME, [])),
    };
    for name in route.path.split(['{', '}']).skip(1).step_by(2) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, Required::True, None));
    }
    for (name, meaning) in route.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, Required::False, Some(meaning)));
    }
    if route.path.ends_with("/predictions") || route.path.ends_with("/labels") {
        let key = parameter("Idempotency-Key", ParameterIn::Header, Required::False, Some(KEY_MEANING));
        let rows = RequestBodyBuilder::new().required(Some(Required::True)).description(Some(ROWS_MEANING));
        let rows = rows.content("application/x-ndjson", Content::new(Some(string())));
        operation = operation.parameter(key).request_body(Some(rows.content(JSON, any()).build()));
    }
    if let Some(shape) = route.asks {
        let body = RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, shape.content());
        operation = operation.request_body(Some(body.build()));
    }
    operation.build()
}

const KEY_MEANING: &str = "1 to 255 visible ASCII characters; the same body sent again with it counts once";
const ROWS_MEANING: &str = "rows as NDJSON or one JSON array; gzip and zstd by Content-Encoding";

fn answer(answers: &Answers) -> Response {
    let response = ResponseBuilder::new().description("the answer");
    match answers {
        Answers::Json(shape) => response.content(JSON, shape.content()).build(),
        Answers::AnyJson => response.content(JSON, any()).build(),
        Answers::Text(types) => types
            .iter()
            .fold(response, |response, name| response.content(*name, Content::new(Some(string()))))
            .build(),
    }
}

fn failure() -> Response {
    let content = Shape::of::<ErrorAnswer>().content();
    ResponseBuilder::new().description("an error").content(JSON, content).build()
}

fn parameter(name: &str, place: ParameterIn, required: Required, meaning: Option<&str>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(meaning)
        .schema(Some(string()))
        .build()
}

fn string() -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build().into()
}

fn any() -> Content {
    Content::new(None::<RefOr<Schema>>)
}
