//! The catalogue for other machines: JSON, DCAT with schema.org `GovernmentService`, and the schema of each version's
//! data.

use crate::pages::public::provider;
use crate::state::Portal;
use crate::theme::MadeContent;
use crate::web::address;
use crate::web::cached::{FOR_A_MINUTE, FOR_EVER};
use crate::web::failure::Failure;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use motcua_domain::legal::{LegalCitation, LegalDocuments};
use motcua_domain::money::Dong;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::fee::{Fee, FeeRate};
use motcua_domain::procedure::schema::{result_schema, schema};
use motcua_domain::text::Text;
use motcua_service::Error;
use motcua_service::catalogue::OfferAt;
use serde_json::{Value as Json, json};

fn said(text: &Text) -> Json {
    match &text.en {
        Some(en) => json!([{ "@language": "vi", "@value": text.vi }, { "@language": "en", "@value": en }]),
        None => json!([{ "@language": "vi", "@value": text.vi }]),
    }
}

/// The code of the đồng.
const CURRENCY: &str = "VND";

/// Returns the price of a case or a bracket in the words of schema.org.
fn price(name: &Text, amount: Option<Dong>) -> Json {
    json!({ "@type": "PriceSpecification", "name": said(name), "price": amount, "priceCurrency": CURRENCY })
}

/// The property for the law on which a service rests, of the Core Public Service Vocabulary.
const LEGAL_RESOURCE: &str = "http://data.europa.eu/m8g/hasLegalResource";

/// Returns a legal basis in the words of schema.org.
fn legislation(citation: &LegalCitation) -> Json {
    json!({ "@type": "Legislation", "name": said(&citation.words), "url": citation.link })
}

/// Returns a fee in the words of schema.org: with its price, or with the prices of its cases or brackets.
fn fee_offer(fee: &Fee, documents: LegalDocuments<'_>) -> Json {
    let mut offer = json!({ "@type": "Offer", "name": said(&fee.name), "priceCurrency": CURRENCY });
    if !fee.basis.is_empty() {
        offer[LEGAL_RESOURCE] = documents.citations(&fee.basis).iter().map(legislation).collect();
    }
    let unit = fee.unit.as_ref().map(|unit| unit.vi.as_str());
    match &fee.rate {
        FeeRate::Amount(amount) if fee.per.is_some() => {
            offer["priceSpecification"] = json!({ "@type": "UnitPriceSpecification", "price": amount,
                "priceCurrency": CURRENCY, "unitText": unit });
        }
        FeeRate::Amount(amount) => offer["price"] = json!(amount),
        FeeRate::Cases(cases) => {
            let prices: Vec<Json> = cases.iter().map(|case| price(&case.name, Some(case.amount))).collect();
            offer["priceSpecification"] = prices.into();
        }
        FeeRate::Table(table) => {
            let rows = fee.rows();
            let prices = rows.iter().zip(table.bounds()).map(|((range, words), (least, greatest, bracket))| {
                let mut price = price(range, bracket.amount.filter(|_| bracket.percent.is_none()));
                price["description"] = said(words);
                price["eligibleQuantity"] = json!({ "@type": "QuantitativeValue", "minValue": least,
                    "maxValue": greatest, "unitText": unit });
                price
            });
            offer["priceSpecification"] = prices.collect();
        }
        FeeRate::Formula(_) => {}
    }
    let notes = fee.notes();
    if !notes.is_empty() {
        offer["description"] = notes.iter().map(said).collect();
    }
    offer
}

/// Returns a procedure in the words of schema.org, as an agency offers it or as a whole.
pub fn government_service(portal: &Portal, offer: OfferAt<'_>) -> Json {
    let (live, procedure) = (offer.live, &offer.live.procedure);
    let (base, path) = (&portal.settings.base_url, offer.path());
    let agency = offer.agency.and_then(|id| portal.services.province().agency(id));
    let several = || (live.offers.len() > 1).then(|| provider(portal, offer));
    let organisation = agency.map(|agency| {
        json!({ "@type": "GovernmentOrganization", "name": said(&agency.name), "telephone": agency.phone,
            "address": said(&agency.address) })
    });
    let organisation = organisation
        .or_else(|| several().map(|name| json!({ "@type": "GovernmentOrganization", "name": said(&name) })));
    let documents = procedure.legal_documents();
    let fees = offer.agency.map_or(procedure.fees.as_slice(), |agency| procedure.fees_of(agency));
    let offers: Vec<Json> = fees.iter().map(|fee| fee_offer(fee, documents)).collect();
    let window = procedure.window;
    let hours = (!window.is_always()).then(
        || json!({ "@type": "OpeningHoursSpecification", "validFrom": window.opens, "validThrough": window.closes }),
    );
    let laws = procedure.legal_basis.iter().map(|document| {
        json!({ "@type": "Legislation", "identifier": document.id, "name": said(&document.title),
            "url": document.link })
    });
    json!({
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "@id": format!("{base}{path}"),
        "identifier": procedure.code,
        "name": said(&procedure.name),
        "description": said(&procedure.summary),
        "serviceType": said(&procedure.field),
        "provider": organisation,
        "audience": procedure.audience.iter().map(|audience| {
            json!({ "@type": "Audience", "audienceType": audience.name() })
        }).collect::<Vec<_>>(),
        "serviceOutput": said(&procedure.result),
        "offers": offers,
        "hoursAvailable": hours,
        LEGAL_RESOURCE: laws.collect::<Vec<_>>(),
        "availableChannel": { "@type": "ServiceChannel", "serviceUrl": format!("{base}{path}") },
        "url": format!("{base}{path}"),
        "version": live.version,
    })
}

/// Returns a procedure with the fields of its record.
pub fn record(procedure: &Procedure) -> Json {
    versioned_record(procedure, &procedure.digest())
}

/// Returns the record of a procedure as [`record`] does, for a known digest.
fn versioned_record(procedure: &Procedure, version: &Digest) -> Json {
    json!({
        "code": procedure.code,
        "version": version,
        "agency": procedure.only_agency(),
        "offered_by": procedure.offered_by,
        "unit": procedure.unit,
        "path": procedure.path(),
        "name": procedure.name,
        "summary": procedure.summary,
        "field": procedure.field,
        "level": procedure.level,
        "audience": procedure.audience,
        "life_events": procedure.life_events,
        "keywords": procedure.keywords,
        "limit": procedure.limit.to_string(),
        "limit_basis": procedure.limit_basis,
        "bounds": procedure.bounds,
        "publish": procedure.publish,
        "silence": procedure.silence,
        "opens": procedure.window.opens,
        "closes": procedure.window.closes,
        "limit_cases": procedure.limit_cases.iter().map(|case| {
            let steps = case.step_limits.iter().map(|(step, limit)| (step.to_string(), Json::from(limit.to_string())));
            json!({ "name": case.name, "limit": case.limit.to_string(), "step_limits": steps.collect::<Json>(),
                "basis": case.basis })
        }).collect::<Vec<_>>(),
        "result": procedure.result,
        "how_to": procedure.how_to,
        "conditions": procedure.conditions,
        "legal_basis": procedure.legal_basis,
        "papers": procedure.papers.iter().map(|paper| {
            json!({ "id": paper.id, "name": paper.name, "kind": paper.kind, "count": paper.count,
                "required": paper.required, "basis": paper.basis })
        }).collect::<Vec<_>>(),
        "fees": procedure.fees,
    })
}

/// `GET /catalogue.json`: the records of all procedures.
pub async fn catalogue(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Failure> {
    const KIND: &str = "application/json";
    let (own, catalogue) = (portal.clone(), portal.services.procedures.catalogue());
    let made = portal.made.catalogues.get(catalogue.number, KIND, move || {
        let records: Vec<Json> =
            catalogue.open().map(|live| versioned_record(&live.procedure, &live.version)).collect();
        MadeContent::of(json!({ "province": own.services.province().name, "procedures": records }).to_string())
    });
    Ok(made.await?.answer(&headers, KIND, FOR_A_MINUTE))
}

/// `GET /catalogue.jsonld`: the catalogue in the words of DCAT, each procedure in those of schema.org.
pub async fn linked(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Failure> {
    const KIND: &str = "application/ld+json";
    let (own, catalogue) = (portal.clone(), portal.services.procedures.catalogue());
    let made = portal.made.catalogues.get(catalogue.number, KIND, move || {
        let services: Vec<Json> = catalogue.open().map(|live| government_service(&own, live.whole())).collect();
        MadeContent::of(linked_catalogue(&own, &services).to_string())
    });
    Ok(made.await?.answer(&headers, KIND, FOR_A_MINUTE))
}

fn linked_catalogue(portal: &Portal, services: &[Json]) -> Json {
    let base = &portal.settings.base_url;
    json!({
        "@context": { "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/" },
        "@type": "dcat:Catalog",
        "@id": format!("{base}/catalogue.jsonld"),
        "dct:title": said(&portal.services.province().name),
        "dct:language": ["vi", "en"],
        "dcat:dataset": { "@type": "dcat:Dataset", "dcat:distribution": {
            "@type": "dcat:Distribution", "dcat:mediaType": "application/json",
            "dcat:downloadURL": format!("{base}/catalogue.json"),
        } },
        "dcat:service": services,
    })
}

/// `GET /schemas/{version}`: the JSON Schema of the data of dossiers filed under a version, `<digest>.json`, or of the
/// answers that its results keep, `<digest>.result.json`.
pub async fn version_schema(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> Result<Response, Failure> {
    let name = file.strip_suffix(".json").ok_or(Error::NotFound)?;
    let of_result = name.strip_suffix(".result");
    let digest = of_result.unwrap_or(name);
    let procedure = portal.services.procedures.published(&Digest(digest.to_owned())).await?;
    let of_result = of_result.is_some();
    if of_result && procedure.register.is_none() {
        return Err(Error::NotFound.into());
    }
    let id = format!("{}{}", portal.settings.base_url, address::schema(&file));
    let make = move || {
        let kept = if of_result { result_schema(&procedure, &id) } else { None };
        MadeContent::of(kept.unwrap_or_else(|| schema(&procedure, &id)).to_string())
    };
    let made = portal.made.schemas.get(portal.services.procedures.catalogue().number, file, make).await?;
    Ok(made.answer(&headers, "application/schema+json", FOR_EVER))
}
