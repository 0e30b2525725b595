//! Vocabularies of columns: an enum whose variants are words.

/// Declares a vocabulary: `Name: Variant = "word"; …`, each with its meaning.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident: $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal;)+) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $meaning])+ $variant,)+ }

        impl $name {
            /// The word of the public tables.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

pub(crate) use words;
