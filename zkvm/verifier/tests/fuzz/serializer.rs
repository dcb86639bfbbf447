//! From anything that serializes to its tree, by the rules of postcard's format.

use std::fmt::Display;

use serde::ser::{self, Error as _, Serialize};

use crate::tree::Node;

/// The tree of a value.
pub fn tree(value: &impl Serialize) -> Node {
    value.serialize(ToTree).expect("a value of which this file knows all kinds")
}

/// Something that no proof holds.
#[derive(Debug)]
pub struct Unknown(String);

impl Display for Unknown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Unknown {}

impl ser::Error for Unknown {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct ToTree;

/// What is collected, and whether it is a list.
struct Collect {
    nodes: Vec<Node>,
    is_list: bool,
}

impl Collect {
    fn new(size: usize, is_list: bool) -> Result<Self, Unknown> {
        Ok(Self { nodes: Vec::with_capacity(size), is_list })
    }

    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Unknown> {
        self.nodes.push(value.serialize(ToTree)?);
        Ok(())
    }

    fn finish(self) -> Result<Node, Unknown> {
        match (self.is_list, self.nodes.as_slice()) {
            (true, _) => Ok(Node::List(self.nodes)),
            // Four bytes are a field element: nothing else in a proof is.
            (false, [Node::Byte(a), Node::Byte(b), Node::Byte(c), Node::Byte(d)]) => {
                Ok(Node::Element(u32::from_le_bytes([*a, *b, *c, *d])))
            }
            (false, _) => Ok(Node::Parts(self.nodes)),
        }
    }
}

macro_rules! unknown {
    ($($method:ident($($kind:ty),*) $(-> $compound:ty)?;)*) => {
        $(fn $method(self, $(_: $kind),*) -> Result<unknown!(@ $($compound)?), Unknown> {
            Err(Unknown::custom(stringify!($method)))
        })*
    };
    (@) => { Node };
    (@ $compound:ty) => { $compound };
}

impl ser::Serializer for ToTree {
    type Ok = Node;
    type Error = Unknown;
    type SerializeSeq = Collect;
    type SerializeTuple = Collect;
    type SerializeTupleStruct = Collect;
    type SerializeTupleVariant = ser::Impossible<Node, Unknown>;
    type SerializeMap = ser::Impossible<Node, Unknown>;
    type SerializeStruct = Collect;
    type SerializeStructVariant = ser::Impossible<Node, Unknown>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_u8(self, value: u8) -> Result<Node, Unknown> {
        Ok(Node::Byte(value))
    }

    fn serialize_bool(self, value: bool) -> Result<Node, Unknown> {
        Ok(Node::Byte(u8::from(value)))
    }

    fn serialize_u16(self, value: u16) -> Result<Node, Unknown> {
        Ok(Node::Number(u64::from(value)))
    }

    fn serialize_u32(self, value: u32) -> Result<Node, Unknown> {
        Ok(Node::Number(u64::from(value)))
    }

    fn serialize_u64(self, value: u64) -> Result<Node, Unknown> {
        Ok(Node::Number(value))
    }

    fn serialize_none(self) -> Result<Node, Unknown> {
        Ok(Node::Choice(None))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Unknown> {
        Ok(Node::Choice(Some(Box::new(value.serialize(self)?))))
    }

    fn serialize_unit(self) -> Result<Node, Unknown> {
        Ok(Node::Parts(Vec::new()))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Unknown> {
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Node, Unknown> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Node, Unknown> {
        Err(Unknown::custom(variant))
    }

    fn serialize_seq(self, size: Option<usize>) -> Result<Collect, Unknown> {
        Collect::new(size.unwrap_or_default(), true)
    }

    fn serialize_tuple(self, size: usize) -> Result<Collect, Unknown> {
        Collect::new(size, false)
    }

    fn serialize_tuple_struct(self, _: &'static str, size: usize) -> Result<Collect, Unknown> {
        Collect::new(size, false)
    }

    fn serialize_struct(self, _: &'static str, size: usize) -> Result<Collect, Unknown> {
        Collect::new(size, false)
    }

    unknown! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant;
    }
}

impl ser::SerializeSeq for Collect {
    type Ok = Node;
    type Error = Unknown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unknown> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Unknown> {
        self.finish()
    }
}

impl ser::SerializeTuple for Collect {
    type Ok = Node;
    type Error = Unknown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unknown> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Unknown> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Collect {
    type Ok = Node;
    type Error = Unknown;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unknown> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Unknown> {
        self.finish()
    }
}

impl ser::SerializeStruct for Collect {
    type Ok = Node;
    type Error = Unknown;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unknown> {
        self.push(value)
    }

    fn end(self) -> Result<Node, Unknown> {
        self.finish()
    }
}
