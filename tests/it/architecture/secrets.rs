//! Secrets stay in one place: nothing that holds one can be cloned, and none is held by value.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::reading::root;
use super::{assert_none, rust_files};

/// Where bytes are secret by themselves.
const SECRET: &str = "Secret";

/// A type of the program.
#[derive(Default)]
struct Held {
    file: String,
    /// Names in the types of its fields, but for what stands behind an `Arc` or a reference: that is shared, and not copied.
    names: BTreeSet<String>,
    is_copied: bool,
    /// Whether bytes that are secret are a part of it, and move with it.
    is_by_value: bool,
}

#[derive(Default)]
struct Types {
    file: String,
    /// By name. What two rooms call the same is looked at in both, and says nothing of who names it.
    all: BTreeMap<String, Vec<Held>>,
}

impl Types {
    fn take(&mut self, name: &syn::Ident, attributes: &[syn::Attribute], fields: Vec<syn::Type>) {
        let mut held = Held {
            file: self.file.clone(),
            ..Held::default()
        };
        let derives = attributes
            .iter()
            .filter(|one| one.path().is_ident("derive"));
        for derive in derives {
            derive
                .parse_nested_meta(|one| {
                    held.is_copied |= one.path.is_ident("Clone") || one.path.is_ident("Copy");
                    Ok(())
                })
                .unwrap();
        }
        for field in fields {
            Names(&mut held).visit_type(&field);
        }
        self.all.entry(name.to_string()).or_default().push(held);
    }
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let fields = item.fields.iter().map(|field| field.ty.clone()).collect();
        self.take(&item.ident, &item.attrs, fields);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let fields = item.variants.iter().flat_map(|one| &one.fields);
        let fields = fields.map(|field| field.ty.clone()).collect();
        self.take(&item.ident, &item.attrs, fields);
    }
}

struct Names<'a>(&'a mut Held);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.0.names.insert(segment.ident.to_string());
        if let (true, syn::PathArguments::AngleBracketed(inside)) =
            (segment.ident == "Zeroizing", &segment.arguments)
        {
            let mut inside = inside.args.iter();
            let is_array = |one| matches!(one, &syn::GenericArgument::Type(syn::Type::Array(_)));
            self.0.is_by_value |= inside.any(is_array);
        }
        if segment.ident != "Arc" {
            visit::visit_path_segment(self, segment);
        }
    }

    fn visit_type_reference(&mut self, _: &'ast syn::TypeReference) {}
}

fn types() -> BTreeMap<String, Vec<Held>> {
    let mut types = Types::default();
    let source = root().join("src");
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        if inside
            .iter()
            .any(|part| part == "tests" || part == "tests.rs")
        {
            continue;
        }
        types.file = inside.display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        types.visit_file(&syn::parse_file(&text).unwrap());
    }
    types.all
}

#[test]
fn nothing_that_holds_a_secret_is_copied() {
    let types = types();
    let mut secret = BTreeSet::from([SECRET.to_owned()]);
    let holds = |held: &Held, secret: &BTreeSet<String>| {
        held.names.iter().any(|name| secret.contains(name))
    };
    loop {
        let only = types.iter().filter_map(|(name, all)| match all.as_slice() {
            [held] if holds(held, &secret) => Some(name.clone()),
            _ => None,
        });
        let found: Vec<String> = only.collect();
        let before = secret.len();
        secret.extend(found);
        if secret.len() == before {
            break;
        }
    }
    assert!(secret.len() > 20, "the walk sees them: {secret:?}");
    let mut wrong = Vec::new();
    for (name, held) in types
        .iter()
        .flat_map(|(name, all)| all.iter().map(move |held| (name, held)))
    {
        let file = &held.file;
        if held.is_copied && holds(held, &secret) {
            wrong.push(format!("{file}: {name} holds a secret and can be cloned"));
        }
        if held.is_by_value && name != SECRET {
            wrong.push(format!(
                "{file}: {name} holds bytes that are wiped in their last place only: use Secret"
            ));
        }
    }
    assert_none(&wrong);
}
