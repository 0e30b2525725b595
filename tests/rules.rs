//! `docs/rules.md` and the golden stories hold each other: every rule has a story, every story belongs to a rule.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use ocpplog::flag::FLAGS;
use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The letters of the ids, in the order of the page's sections.
const SECTIONS: [char; 5] = ['F', 'T', 'S', 'W', 'O'];

/// One row of the page.
struct Rule<'a> {
    id: &'a str,
    text: &'a str,
    source: &'a str,
    stories: Vec<&'a str>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn page() -> String {
    read_to_string(root().join("docs/rules.md")).unwrap()
}

/// Whether a cell is an id: a letter of [`SECTIONS`], a hyphen, a number.
fn is_id(cell: &str) -> bool {
    let number = cell.strip_prefix(SECTIONS).and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What stands in back-ticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The cells of a row of a table, but for its heading and the line under it.
fn cells(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').map(str::trim).collect();
    (cells[0] != "id" && !cells[0].starts_with('-')).then_some(cells)
}

fn rule<'a>(cells: &[&'a str]) -> Rule<'a> {
    let [id, text, source, stories] = *cells else { panic!("{}: a rule has four cells", cells[0]) };
    Rule { id, text, source, stories: quoted(stories).collect() }
}

fn rules(page: &str) -> Vec<Rule<'_>> {
    page.lines().filter_map(cells).map(|cells| rule(&cells)).collect()
}

fn stories() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("tests/data/stories")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Names under the heading "More stories": they prove no rule of the rule book.
fn more(page: &str) -> BTreeSet<&str> {
    let section = page.split("\n## ").find(|section| section.starts_with("More stories"));
    section.map(|section| quoted(section).collect()).unwrap_or_default()
}

#[test]
fn ids_are_numbered_without_gaps_in_the_order_of_the_page() {
    let page = page();
    let found: Vec<_> = rules(&page).iter().map(|rule| rule.id.to_owned()).collect();
    let odd: Vec<_> = found.iter().filter(|id| !is_id(id)).collect();
    assert!(odd.is_empty(), "these are no ids: {odd:?}");
    let count = |section: char| found.iter().filter(|id| id.starts_with(section)).count();
    let expected: Vec<_> = SECTIONS
        .iter()
        .flat_map(|&section| (1..=count(section)).map(move |number| format!("{section}-{number:02}")))
        .collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "an id is missing, used twice or out of order");
    }
    for section in SECTIONS {
        assert!(count(section) > 0, "section {section} has no rule");
    }
}

#[test]
fn every_rule_says_what_happens_where_that_comes_from_and_which_stories_prove_it() {
    let (page, known) = (page(), stories());
    for Rule { id, text, source, stories } in rules(&page) {
        assert!(text.ends_with('.'), "{id}: a rule is a sentence");
        assert!(!source.is_empty(), "{id}: no source");
        assert!(!stories.is_empty(), "{id}: no story");
        for story in stories {
            assert!(known.contains(story), "{id}: there is no story {story}");
        }
    }
}

#[test]
fn every_story_belongs_to_a_rule() {
    let (page, known) = (page(), stories());
    let more = more(&page);
    let named: BTreeSet<&str> = rules(&page).into_iter().flat_map(|rule| rule.stories).chain(more.clone()).collect();
    let lost: Vec<_> = known.iter().filter(|story| !named.contains(story.as_str())).collect();
    assert!(lost.is_empty(), "docs/rules.md names no rule for {lost:?}");
    let unknown: Vec<_> = more.iter().filter(|&&story| !known.contains(story)).collect();
    assert!(unknown.is_empty(), "there is no story {unknown:?}");
}

/// Log and expected rows of a story; its sentence proves nothing.
fn told(story: &str) -> String {
    let folder = root().join("tests/data/stories").join(story);
    let files = ["log.txt", "log.jsonl", "expected.json"].map(|name| std::fs::read(folder.join(name)));
    let text: String = files.iter().flatten().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    text.lines().filter(|line| !line.starts_with("  \"story\":")).collect()
}

#[test]
fn every_word_that_a_rule_quotes_stands_in_one_of_its_stories() {
    let mut lost = Vec::new();
    for Rule { id, text, stories, .. } in rules(&page()) {
        let told: String = stories.iter().map(|story| told(story)).collect();
        lost.extend(quoted(text).filter(|word| !told.contains(word)).map(|word| format!("{id}: {word}")));
    }
    assert!(lost.is_empty(), "no story of the rule has the word: {lost:#?}");
}

#[test]
fn every_flag_is_told_by_a_rule() {
    let page = page();
    let told: BTreeSet<&str> = rules(&page).iter().flat_map(|rule| quoted(rule.text)).collect();
    let missing: Vec<_> = FLAGS.iter().map(|info| info.name).filter(|name| !told.contains(name)).collect();
    assert!(missing.is_empty(), "no rule tells {missing:?}");
}
