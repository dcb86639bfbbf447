//! Rows with named columns: the bridge between a flat row of a matrix and a struct of cells.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::slice::{Iter, IterMut};

/// What takes a fixed number of cells in a row, in a fixed order.
pub trait Cells<T>: Sized {
    /// How many cells.
    const WIDTH: usize;

    /// Takes the next cells of a row, or nothing if the row is too short.
    fn read(cells: &mut Iter<'_, T>) -> Option<Self>;

    /// The same value in every cell.
    fn all(value: T) -> Self;

    /// Puts the cells into the next places of a row.
    fn write(self, cells: &mut IterMut<'_, T>);

    /// The names of the cells, for reports and mutation tests.
    fn names(prefix: &str, names: &mut Vec<String>);
}

impl<T: Copy> Cells<T> for T {
    const WIDTH: usize = 1;

    fn read(cells: &mut Iter<'_, T>) -> Option<Self> {
        cells.next().copied()
    }

    fn all(value: T) -> Self {
        value
    }

    fn write(self, cells: &mut IterMut<'_, T>) {
        if let Some(cell) = cells.next() {
            *cell = self;
        }
    }

    fn names(prefix: &str, names: &mut Vec<String>) {
        names.push(prefix.to_string());
    }
}

impl<T: Copy, const N: usize> Cells<T> for [T; N] {
    const WIDTH: usize = N;

    fn read(cells: &mut Iter<'_, T>) -> Option<Self> {
        let (taken, rest) = cells.as_slice().split_first_chunk()?;
        *cells = rest.iter();
        Some(*taken)
    }

    fn all(value: T) -> Self {
        [value; N]
    }

    fn write(self, cells: &mut IterMut<'_, T>) {
        for value in self {
            value.write(cells);
        }
    }

    fn names(prefix: &str, names: &mut Vec<String>) {
        names.extend((0..N).map(|index| format!("{prefix}[{index}]")));
    }
}

/// Declares a struct of cells. Each field is a `T`, an array of `T`, or another such struct of `T`.
#[macro_export]
macro_rules! columns {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<T> {
            $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<T> {
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        impl<T: Copy> $crate::cells::Cells<T> for $name<T> {
            const WIDTH: usize = 0 $(+ <$kind as $crate::cells::Cells<T>>::WIDTH)*;

            fn read(cells: &mut core::slice::Iter<'_, T>) -> Option<Self> {
                Some(Self { $($field: <$kind as $crate::cells::Cells<T>>::read(cells)?,)* })
            }

            fn all(value: T) -> Self {
                Self { $($field: <$kind as $crate::cells::Cells<T>>::all(value),)* }
            }

            fn write(self, cells: &mut core::slice::IterMut<'_, T>) {
                $(<$kind as $crate::cells::Cells<T>>::write(self.$field, cells);)*
            }

            fn names(prefix: &str, names: &mut alloc::vec::Vec<alloc::string::String>) {
                let dot = if prefix.is_empty() { "" } else { "." };
                $(<$kind as $crate::cells::Cells<T>>::names(
                    &alloc::format!("{prefix}{dot}{}", stringify!($field)),
                    names,
                );)*
            }
        }

        impl<T: Copy + Default> Default for $name<T> {
            fn default() -> Self {
                <Self as $crate::cells::Cells<T>>::all(T::default())
            }
        }
    };
}
