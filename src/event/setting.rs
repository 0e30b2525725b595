//! Settings: `ChangeConfiguration` and `GetConfiguration` (1.6 §5.4, §5.8), `SetVariables`, `GetVariables` and
//! `NotifyReport` (2.0.1 B05 to B08). Values are masked here, by the name of their setting (decision 17).

use super::field::{self, Target};
use super::meter::Span;
use super::secret::{MASK, masked, names_secret};
use super::store::{Text, put};
use super::{Fact, Store};
use crate::json::{Scan, Scanner, Value};
use std::borrow::Cow;

/// One setting and what a message says about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// 2.x: the component, its instance in brackets, EVSE and connector behind `@`.
    pub component: Text,
    /// The variable with its instance in brackets; in 1.x the key.
    pub variable: Text,
    /// 2.x: the attribute; `Actual` where the message does not say (2.0.1 part 2 §2.50).
    pub attribute: Text,
    /// The value; a secret is masked.
    pub value: Text,
    /// In answers: what was answered about it; `unknownKey` for the keys of that list.
    pub status: Text,
    /// Whether it cannot be changed.
    pub readonly: Option<bool>,
    /// Whether it can be written only, so that every value of it is a secret (rule book: reliability §8).
    pub write_only: bool,
}

/// Settings that a request carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Whether they are to be set; a report only tells them.
    pub set: bool,
    /// The settings.
    pub items: Span,
}

/// `ChangeConfiguration`.
pub(super) fn change(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let first = target.store.settings.len();
    let named = key_value(target, scanner)?;
    Ok(if named { settings(target.store, true, first) } else { Fact::Bad })
}

/// `SetVariables`.
pub(super) fn set(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let first = target.store.settings.len();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "setVariableData" => field::array(scanner, |scanner| variable(target, scanner)),
        _ => scanner.skip(),
    })?;
    Ok(if object { settings(target.store, true, first) } else { Fact::Bad })
}

/// `NotifyReport`.
pub(super) fn report(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let first = target.store.settings.len();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "reportData" => field::array(scanner, |scanner| variable(target, scanner)),
        _ => scanner.skip(),
    })?;
    Ok(if object { settings(target.store, false, first) } else { Fact::Bad })
}

fn settings(store: &mut Store, set: bool, first: usize) -> Fact {
    let items = Span { start: first as u32, length: (store.settings.len() - first) as u32 };
    Fact::Settings(put(&mut store.setting_lists, Settings { set, items }))
}

/// A list of an answer, by its name. An answer of 1.6 has two, which become one run.
pub(super) fn answered(target: &mut Target<'_>, scanner: &mut Scanner<'_>, list: &str, span: &mut Span) -> Scan<()> {
    let first = target.store.settings.len();
    match list {
        "configurationKey" => field::array(scanner, |scanner| key_value(target, scanner).map(|_| ()))?,
        "unknownKey" if scanner.peek() == Some(b'[') => scanner.array(|scanner| unknown_key(target, scanner))?,
        "unknownKey" => unknown_key(target, scanner)?,
        _ => field::array(scanner, |scanner| variable(target, scanner))?,
    }
    let length = (target.store.settings.len() - first) as u32;
    if span.length == 0 {
        span.start = first as u32;
    }
    span.length += length;
    Ok(())
}

fn unknown_key(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let mut variable = Text::NONE;
    target.text(scanner, &mut variable)?;
    if variable.is_some() {
        let status = target.store.keep("unknownKey");
        target.store.settings.push(Setting { variable, status, ..Setting::default() });
    }
    Ok(())
}

/// A setting of 1.x; returns whether it has a key.
fn key_value(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<bool> {
    let (mut name, mut value, mut readonly) = (None, None, None);
    field::object(scanner, |scanner, key| {
        match key.raw {
            "key" => name = name.take().or(word(scanner)?),
            "value" => value = value.or(Some(scanner.value()?)),
            "readonly" => readonly = readonly.or(Some(field::truth(scanner)?)),
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    let Some(name) = name else {
        return Ok(false);
    };
    let value = keep(target.store, value, names_secret(&name));
    let variable = target.store.keep(&name);
    target.store.settings.push(Setting { variable, value, readonly, ..Setting::default() });
    Ok(true)
}

/// A text that is needed before it is kept.
fn word<'a>(scanner: &mut Scanner<'a>) -> Scan<Option<Cow<'a, str>>> {
    Ok(match scanner.value()? {
        Value::Text(text) => Some(text.decode()),
        _ => None,
    })
}

/// Keeps a value, masked; an empty one is no secret.
fn keep(store: &mut Store, value: Option<Value<'_>>, secret: bool) -> Text {
    let text = match value {
        Some(Value::Text(text)) => text.decode(),
        Some(Value::Number(text) | Value::Object(text) | Value::Array(text)) => Cow::Borrowed(text),
        Some(Value::Bool(value)) => Cow::Borrowed(if value { "true" } else { "false" }),
        Some(Value::Null) | None => return Text::NONE,
    };
    if secret && !text.is_empty() { store.keep(MASK) } else { store.keep(&masked(&text)) }
}

/// A name with its instance, and of a component its EVSE and connector.
#[derive(Default)]
struct Named<'a> {
    name: Option<Cow<'a, str>>,
    instance: Option<Cow<'a, str>>,
    evse: Option<i32>,
    connector: Option<i32>,
}

impl<'a> Named<'a> {
    fn read(&mut self, scanner: &mut Scanner<'a>) -> Scan<()> {
        field::object(scanner, |scanner, key| {
            match key.raw {
                "name" => self.name = self.name.take().or(word(scanner)?),
                "instance" => self.instance = self.instance.take().or(word(scanner)?),
                "evse" => {
                    field::object(scanner, |scanner, key| match key.raw {
                        "id" => field::int(scanner, &mut self.evse),
                        "connectorId" => field::int(scanner, &mut self.connector),
                        _ => scanner.skip(),
                    })?;
                }
                _ => scanner.skip()?,
            }
            Ok(())
        })
        .map(|_| ())
    }

    fn keep(&self, store: &mut Store) -> Text {
        let Some(name) = &self.name else {
            return Text::NONE;
        };
        store.keep_with(|out| {
            out.push_str(name);
            if let Some(instance) = &self.instance {
                out.extend(["[", instance, "]"]);
            }
            if let Some(evse) = self.evse {
                out.extend(["@", &evse.to_string()]);
                if let Some(connector) = self.connector {
                    out.extend([".", &connector.to_string()]);
                }
            }
        })
    }
}

/// One attribute of a variable.
#[derive(Default)]
struct Attribute<'a> {
    kind: Option<Cow<'a, str>>,
    value: Option<Value<'a>>,
    status: Option<Cow<'a, str>>,
    readonly: Option<bool>,
    write_only: bool,
}

/// A variable of 2.x: in `setVariableData` and the results one attribute, in `reportData` a list of them.
fn variable(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let (mut component, mut variable) = (Named::default(), Named::default());
    let mut own = Attribute::default();
    let mut listed: Option<Vec<Attribute<'_>>> = None;
    field::object(scanner, |scanner, key| {
        match key.raw {
            "component" => component.read(scanner)?,
            "variable" => variable.read(scanner)?,
            "attributeType" => own.kind = own.kind.take().or(word(scanner)?),
            "attributeValue" => own.value = own.value.or(Some(scanner.value()?)),
            "attributeStatus" => own.status = own.status.take().or(word(scanner)?),
            "variableAttribute" => {
                let list = listed.get_or_insert_default();
                field::array(scanner, |scanner| {
                    list.push(attribute(scanner)?);
                    Ok(())
                })?;
            }
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    let Some(name) = &variable.name else {
        return Ok(());
    };
    let secret = names_secret(name);
    let store = &mut *target.store;
    let (component, variable) = (component.keep(store), variable.keep(store));
    for one in listed.unwrap_or_else(|| vec![own]) {
        let setting = Setting {
            component,
            variable,
            attribute: store.keep(one.kind.as_deref().unwrap_or("Actual")),
            value: keep(store, one.value, secret || one.write_only),
            status: one.status.map_or(Text::NONE, |status| store.keep(&status)),
            readonly: one.readonly,
            write_only: one.write_only,
        };
        store.settings.push(setting);
    }
    Ok(())
}

/// An entry of `variableAttribute`.
fn attribute<'a>(scanner: &mut Scanner<'a>) -> Scan<Attribute<'a>> {
    let mut one = Attribute::default();
    field::object(scanner, |scanner, key| {
        match key.raw {
            "type" => one.kind = one.kind.take().or(word(scanner)?),
            "value" => one.value = one.value.or(Some(scanner.value()?)),
            "mutability" => {
                let word = word(scanner)?;
                one.readonly = word.as_deref().map(|word| word.eq_ignore_ascii_case("ReadOnly"));
                one.write_only = word.is_some_and(|word| word.eq_ignore_ascii_case("WriteOnly"));
            }
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    Ok(one)
}
