//! The program's files as the rules look at them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// One file of the program, as far as it is compiled into it: tests are left out.
pub struct Module {
    /// `service::intake`; empty for `lib.rs`.
    pub name: String,
    pub file: PathBuf,
    text: String,
    pub paths: BTreeSet<String>,
    /// Names that stand alone, of whatever.
    pub words: BTreeSet<String>,
    pub uses: Vec<Use>,
    /// What it defines; of a macro's inside, every word.
    pub items: BTreeSet<String>,
    pub unwraps: Vec<String>,
}

/// One name of a `use`.
pub struct Use {
    /// As what it is known here; `*` for everything.
    pub name: String,
    /// As in [`Module::paths`].
    pub path: String,
    pub is_public: bool,
}

impl Module {
    pub fn layer(&self) -> &str {
        self.name.split("::").next().unwrap_or_default()
    }

    pub fn is_within(&self, module: &str) -> bool {
        within(&self.name, module)
    }
}

pub fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every module that is compiled into the program, found from `lib.rs` and `main.rs` the way the compiler finds them.
pub fn program() -> Vec<Module> {
    let source = root().join("src");
    let mut found = Vec::new();
    walk("", &source.join("lib.rs"), &source, &mut found);
    walk("main", &source.join("main.rs"), &source, &mut found);
    found
}

fn walk(name: &str, file: &Path, within: &Path, found: &mut Vec<Module>) {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap();
    let children = parsed.items.iter().filter_map(|item| match item {
        syn::Item::Mod(child) if child.content.is_none() && !is_test(&child.attrs) => {
            Some(child.ident.to_string())
        }
        _ => None,
    });
    // The root declares each twice, see there.
    for ident in children.collect::<BTreeSet<String>>() {
        let path = match name {
            "" => ident.clone(),
            name => format!("{name}::{ident}"),
        };
        let folder = within.join(&ident);
        walk(&path, &folder.with_extension("rs"), &folder, found);
    }
    let module = read_module(name, file, &text);
    assert!(module.file.exists() && !module.text.is_empty());
    found.push(module);
}

pub fn read_module(name: &str, file: &Path, text: &str) -> Module {
    let parsed = syn::parse_file(text).unwrap();
    let mut reader = Reader {
        module: name
            .split("::")
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        file: file.display().to_string(),
        excused: 0,
        paths: BTreeSet::new(),
        words: BTreeSet::new(),
        uses: Vec::new(),
        is_public: false,
        unwraps: Vec::new(),
    };
    reader.visit_file(&parsed);
    Module {
        name: name.to_owned(),
        file: file.to_owned(),
        text: text.to_owned(),
        paths: reader.paths,
        words: reader.words,
        uses: reader.uses,
        items: parsed.items.iter().flat_map(defined).collect(),
        unwraps: reader.unwraps,
    }
}

struct Reader {
    module: Vec<String>,
    file: String,
    /// How many `#[expect(clippy::unwrap_used …)]` stand around the place being read.
    excused: usize,
    paths: BTreeSet<String>,
    words: BTreeSet<String>,
    uses: Vec<Use>,
    /// Whether the `use` that is being read hands on what it names.
    is_public: bool,
    unwraps: Vec<String>,
}

impl Reader {
    /// From the root of the crate, whatever way it was written.
    fn add(&mut self, segments: &[String]) {
        let path = self.path(segments);
        self.paths.insert(path);
    }

    fn path(&self, segments: &[String]) -> String {
        let (mut base, mut rest): (Vec<String>, &[String]) = (Vec::new(), segments);
        match segments.first().map(String::as_str) {
            Some("crate" | "kapea") => rest = &segments[1..],
            Some("self" | "super") => {
                base.clone_from(&self.module);
                while let Some(("self" | "super", after)) = rest
                    .split_first()
                    .map(|(first, after)| (first.as_str(), after))
                {
                    if rest[0] == "super" {
                        base.pop();
                    }
                    rest = after;
                }
            }
            _ => return segments.join("::"),
        }
        let mut path = vec!["crate".to_owned()];
        path.extend(base);
        path.extend(rest.iter().cloned());
        path.join("::")
    }

    fn add_used(&mut self, segments: &[String], name: Option<&syn::Ident>) {
        self.add(segments);
        self.uses.extend(segments.last().map(|last| Use {
            name: name.map_or_else(|| last.clone(), ToString::to_string),
            path: self.path(segments),
            is_public: self.is_public,
        }));
    }

    fn add_use(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.add_used(prefix, None),
            syn::UseTree::Name(name) => self.add_used(&with(&name.ident), None),
            syn::UseTree::Rename(name) if name.ident == "self" => {
                self.add_used(prefix, Some(&name.rename));
            }
            syn::UseTree::Rename(name) => self.add_used(&with(&name.ident), Some(&name.rename)),
            syn::UseTree::Glob(_) => self.add_used(&[prefix, &["*".to_owned()]].concat(), None),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(prefix, tree);
                }
            }
        }
    }

    /// The inside of a macro is not parsed: words with `::` between them are taken for paths.
    fn add_tokens(&mut self, tokens: &str) {
        let mut path: Vec<String> = Vec::new();
        let mut joined = false;
        for token in tokens.replace("::", " :: ").split_whitespace() {
            let word = token.chars().all(|c| c.is_alphanumeric() || c == '_');
            if token == "::" {
                joined = true;
            } else if word && joined && !path.is_empty() {
                path.push(token.to_owned());
                joined = false;
            } else {
                self.add_words(&mut path);
                joined = false;
                if word {
                    path.push(token.to_owned());
                }
            }
        }
        self.add_words(&mut path);
        if self.excused == 0 && (tokens.contains(".unwrap()") || tokens.contains(".expect(")) {
            self.unwraps.push(format!("{}: in a macro", self.file));
        }
    }

    fn add_words(&mut self, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.add(path);
        }
        path.clear();
    }

    fn within<T>(
        &mut self,
        attributes: &[syn::Attribute],
        node: T,
        visit: impl FnOnce(&mut Self, T),
    ) {
        if is_test(attributes) {
            return;
        }
        let excuse = usize::from(attributes.iter().any(excuses));
        self.excused += excuse;
        visit(self, node);
        self.excused -= excuse;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.within(attributes(item), item, visit::visit_item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(&item.attrs, item, visit::visit_impl_item_fn);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.add_use(&[], &item.tree);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.within(&local.attrs, local, visit::visit_local);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.add(&segments);
        } else {
            self.words.extend(segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        let tokens = invocation
            .tokens
            .to_string()
            .replace(" . ", ".")
            .replace(" (", "(");
        self.add_tokens(&tokens.replace('(', " ( "));
        visit::visit_macro(self, invocation);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.excused == 0 && (call.method == "unwrap" || call.method == "expect") {
            self.unwraps
                .push(format!("{}: .{}", self.file, call.method));
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The names that an item defines.
fn defined(item: &syn::Item) -> Vec<String> {
    let one = |ident: &syn::Ident| vec![ident.to_string()];
    match item {
        syn::Item::Const(item) => one(&item.ident),
        syn::Item::Enum(item) => one(&item.ident),
        syn::Item::Fn(item) => one(&item.sig.ident),
        syn::Item::Static(item) => one(&item.ident),
        syn::Item::Struct(item) => one(&item.ident),
        syn::Item::Trait(item) => one(&item.ident),
        syn::Item::Type(item) => one(&item.ident),
        syn::Item::Macro(item) => item
            .mac
            .tokens
            .to_string()
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|condition| condition.is_ident("test")))
    })
}

/// Whether it is `#[expect(clippy::unwrap_used, reason = "…")]` or the like.
fn excuses(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else {
        return false;
    };
    let text = list.tokens.to_string();
    list.path.is_ident("expect")
        && text.contains("reason")
        && ["unwrap_used", "expect_used"]
            .iter()
            .any(|lint| text.contains(lint))
}
