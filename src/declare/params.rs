//! Parameters: the keys of a table, declared as the fields of a struct or of the variants of an enum, and how they are read, independently of the format in which they are
//! written in.

use super::{
    key::Key,
    keys::ReadKeys,
    unit::{Named, Unit},
};
use crate::units::UnixTime;

/// A value that is read from the keys of one table.
pub trait Params: Sized {
    /// The values known before the table is read.
    type Given;

    /// Reads the keys.
    fn read_with<K: ReadKeys>(keys: &mut K, given: Self::Given) -> Self;

    /// Reads the keys, if no value need be known before.
    fn read<K: ReadKeys>(keys: &mut K) -> Self
    where
        Self: Params<Given = ()>,
    {
        Self::read_with(keys, ())
    }
}

/// A value that is read from a table of kinds.
pub trait Kinds: Sized {
    /// The values known before the table is read.
    type Given;

    /// Reads the kind and its keys, then the other keys in the kind's table; `default` is the kind if none is written.
    fn read_kind_with<K: ReadKeys, T>(
        keys: &mut K,
        default: Option<&'static str>,
        given: Self::Given,
        then: impl Fn(&mut K, Self) -> T,
    ) -> Option<T>;

    /// Reads the kind and its keys, if no value need be known before and the table has no other keys.
    fn read_kind<K: ReadKeys>(keys: &mut K, default: Option<&'static str>) -> Option<Self>
    where
        Self: Kinds<Given = ()>,
    {
        Self::read_kind_with(keys, default, (), |_, kind| kind)
    }
}

/// A value of one key, written in the unit `U`.
pub trait KeyValue<U>: Sized {
    /// The type of its default.
    type Default;
    /// Reads the key. Without a default it must be written, unless the type has a value for an absent key.
    fn read_key<K: ReadKeys>(keys: &mut K, key: Key, unit: &U, default: Option<Self::Default>) -> Self;
}

/// Types whose values are written as they are.
macro_rules! plain {
    ($($type:ty, $Default:ty: |$keys:ident, $key:ident, $default:ident| $read:expr;)+) => {$(
        impl KeyValue<&'static str> for $type {
            type Default = $Default;
            fn read_key<K: ReadKeys>($keys: &mut K, $key: Key, unit: &&'static str, $default: Option<$Default>) -> Self {
                let $key = $key.unit(unit);
                $read
            }
        }
    )+};
}

plain! {
    f64, f64: |keys, key, default| match default {
        Some(default) => keys.number_or(key, default),
        None => keys.number(key),
    };
    u64, u64: |keys, key, default| match default {
        Some(default) => keys.integer_or(key, default),
        None => keys.integer(key),
    };
    // A key of this type allows no number that does not fit.
    u32, u64: |keys, key, default| u32::try_from(u64::read_key(keys, key, &key.unit, default)).unwrap_or(u32::MAX);
    bool, bool: |keys, key, default| keys.boolean_or(key, default.unwrap_or_default());
    String, &'static str: |keys, key, default| match default {
        Some(default) => keys.text_or(key, default),
        None => keys.text(key),
    };
    Option<String>, (): |keys, key, _default| keys.optional_text(key);
    UnixTime, (): |keys, key, _default| keys.date(key);
    Option<UnixTime>, (): |keys, key, _default| keys.optional_date(key);
    Vec<String>, (): |keys, key, _default| keys.texts(key);
    Option<f64>, (): |keys, key, _default| keys.optional_number(key);
    Option<Vec<f64>>, (): |keys, key, _default| keys.optional_numbers(key);
}

impl<Q> KeyValue<Unit<Q>> for Q {
    type Default = f64;
    fn read_key<K: ReadKeys>(keys: &mut K, key: Key, unit: &Unit<Q>, default: Option<f64>) -> Self {
        (unit.quantity)(f64::read_key(keys, key, &unit.name(), default))
    }
}

impl<Q> KeyValue<Unit<Q>> for Option<Q> {
    type Default = ();
    fn read_key<K: ReadKeys>(keys: &mut K, key: Key, unit: &Unit<Q>, _: Option<()>) -> Self {
        keys.optional_number(key.unit(unit.name)).map(unit.quantity)
    }
}

/// A value that is written as one of some words.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each word and its value.
    const CHOICES: &'static [(&'static str, Self)];
}

impl<T: Choice> KeyValue<&'static str> for T {
    type Default = T;
    fn read_key<K: ReadKeys>(keys: &mut K, key: Key, _: &&'static str, default: Option<T>) -> Self {
        keys.choice_or(key, default.unwrap_or(Self::CHOICES[0].1), Self::CHOICES)
    }
}

/// Reads keys, and checks their values against one another if each value is allowed by itself.
pub(crate) fn checked<K: ReadKeys, T>(keys: &mut K, read: impl FnOnce(&mut K) -> T, check: impl Fn(&T, &K)) -> T {
    let before = keys.problems();
    let value = read(keys);
    if keys.problems() == before {
        check(&value, keys);
    }
    value
}

/// Declares a struct whose fields are the keys of a table, and how it is read ([`Params`]).
///
/// A field is `name: type => key as UNIT = default, flags;`. The key has the field's name where none is given; a quantity has a
/// [`Unit`](crate::declare::Unit), a plain number the name of its unit or none. Without a default the key must be written, except where the type is
/// an `Option` or a list. Flags are the methods of [`Key`](crate::declare::Key). The field's documentation is that of the key everywhere. A field that
/// is not one key ends in `=> |keys, key| value`: its value is read by that expression, which may use the fields before it.
///
/// With `pub struct Name(given: Type)`, the value `given` is known before the table is read, and the expressions may use it. With `pub struct Name, check`, the method `check(&self, keys: &impl ReadKeys)` is called where each value is allowed by itself.
macro_rules! params {
    (
        $(#[doc = $about:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $Params:ident $(($given:ident: $Given:ty))? $(, $check:ident)? {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty $(=> $key:ident)? $(as $unit:tt)? $(= $default:expr)?
                $(, $flag:ident($($value:expr),* $(,)?))* $(=> |$k:pat_param, $own:pat_param| $by:expr)?;)+
        }
    ) => {
        $(#[doc = $about])+
        $(#[derive($($derive),+)])?
        pub struct $Params {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl $crate::declare::Params for $Params {
            type Given = $crate::declare::params!(@given $($Given)?);

            fn read_with<K: $crate::declare::ReadKeys>(
                keys: &mut K,
                $crate::declare::params!(@given $($given)?): $crate::declare::params!(@given $($Given)?),
            ) -> Self {
                $crate::declare::checked(
                    keys,
                    |keys| {
                        $(let $field: $type = $crate::declare::params!(
                            @read keys, $crate::declare::params!(@key $field $($key)?, concat!($($doc),+))$(.$flag($($value),*))*,
                            ($($unit)?), ($($default)?), ($(|$k, $own| $by)?)
                        );)+
                        Self { $($field),+ }
                    },
                    $crate::declare::params!(@check $($check)?),
                )
            }
        }
    };
    (@key $field:ident, $doc:expr) => { $crate::declare::Key::new(stringify!($field), $doc.trim_ascii()) };
    (@key $field:ident $key:ident, $doc:expr) => { $crate::declare::Key::new(stringify!($key), $doc.trim_ascii()) };
    (@pass) => { () };
    (@pass $pass:expr) => { $pass };
    (@given) => { () };
    (@given $given:ident) => { $given };
    (@given $Given:ty) => { $Given };
    (@check) => { |_, _| {} };
    (@check $check:ident) => { Self::$check };
    (@read $keys:ident, $key:expr, $unit:tt, $default:tt, (|$k:pat_param, $own:pat_param| $by:expr)) => {{
        let ($k, $own) = (&mut *$keys, $key.unit($crate::declare::Named::name(&$crate::declare::params!(@unit $unit))));
        $by
    }};
    (@read $keys:ident, $key:expr, $unit:tt, (), ()) => {
        $crate::declare::KeyValue::read_key($keys, $key, &$crate::declare::params!(@unit $unit), None)
    };
    (@read $keys:ident, $key:expr, $unit:tt, ($default:expr), ()) => {
        $crate::declare::KeyValue::read_key($keys, $key, &$crate::declare::params!(@unit $unit), Some($default))
    };
    (@unit ()) => { "" };
    (@unit ($unit:tt)) => { $unit };
}

pub(crate) use params;

/// Declares an enum whose variants are the kinds of a table, and how it is read ([`Kinds`]).
///
/// A variant is `/// meaning` and `name => Variant,`. It may hold keys, `Variant { fields }` as [`params!`] has them, or the keys of a struct,
/// `Variant(Struct)`, or `Variant(Struct, value)` where a value is known before. `given` and `check` are as there.
macro_rules! kinds {
    (
        $(#[doc = $about:literal])+
        $(#[derive($($derive:ident),+)])?
        pub enum $Kinds:ident $(($given:ident: $Given:ty))? $(, $check:ident)? {
            $($(#[doc = $what:literal])+ $name:ident => $Variant:ident $(($inner:ty $(, $pass:expr)?))? $({
                $($(#[doc = $doc:literal])+ $field:ident: $type:ty $(=> $key:ident)? $(as $unit:tt)? $(= $default:expr)?
                    $(, $flag:ident($($value:expr),* $(,)?))* $(=> |$k:pat_param, $own:pat_param| $by:expr)?;)+
            })?,)+
        }
    ) => {
        $(#[doc = $about])+
        $(#[derive($($derive),+)])?
        pub enum $Kinds {
            $($(#[doc = $what])+ $Variant $(($inner))? $({ $($(#[doc = $doc])+ $field: $type),+ })?,)+
        }

        impl $crate::declare::Kinds for $Kinds {
            type Given = $crate::declare::params!(@given $($Given)?);

            fn read_kind_with<K: $crate::declare::ReadKeys, T>(
                keys: &mut K,
                default: Option<&'static str>,
                $crate::declare::params!(@given $($given)?): $crate::declare::params!(@given $($Given)?),
                then: impl Fn(&mut K, Self) -> T,
            ) -> Option<T> {
                let check: fn(&Self, &K) = $crate::declare::params!(@check $($check)?);
                keys.kind(default, &[$($crate::declare::KeyKind {
                    name: stringify!($name),
                    doc: concat!($($what),+).trim_ascii(),
                    read: &|keys: &mut K| {
                        let kind = $crate::declare::checked(
                        keys,
                        |_keys| Self::$Variant $((<$inner as $crate::declare::Params>::read_with(_keys, $crate::declare::params!(@pass $($pass)?))))? $({
                            $($field: $crate::declare::params!(
                                @read _keys, $crate::declare::params!(@key $field $($key)?, concat!($($doc),+))$(.$flag($($value),*))*,
                                ($($unit)?), ($($default)?), ($(|$k, $own| $by)?)
                            )),+
                        })?,
                        check,
                        );
                        then(keys, kind)
                    },
                }),+])
            }
        }
    };
}

pub(crate) use kinds;
