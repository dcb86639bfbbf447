//! A segment's part as a tree of what it is made of, and its edits.

use minster_machine::F;
use p3_field::PrimeField32;

use crate::engine::Random;

/// Everything that postcard tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// One byte.
    Byte(u8),
    /// A number of variable length.
    Number(u64),
    /// A field element: a number below p in Montgomery form.
    Element(u32),
    /// A list with its length in front.
    List(Vec<Node>),
    /// Parts one after the other.
    Parts(Vec<Node>),
    /// Something or nothing.
    Choice(Option<Box<Node>>),
    /// Bytes as they are: what only an edit makes.
    Raw(Vec<u8>),
}

/// A number in groups of seven bits, low ones first.
pub fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

impl Node {
    /// The encoding.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => bytes.push(*byte),
            Self::Number(number) => varint(*number, bytes),
            Self::Element(element) => bytes.extend(element.to_le_bytes()),
            Self::List(nodes) => {
                varint(nodes.len() as u64, bytes);
                nodes.iter().for_each(|node| node.write(bytes));
            }
            Self::Parts(nodes) => nodes.iter().for_each(|node| node.write(bytes)),
            Self::Choice(None) => bytes.push(0),
            Self::Choice(Some(node)) => {
                bytes.push(1);
                node.write(bytes);
            }
            Self::Raw(raw) => bytes.extend(raw),
        }
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn children(&mut self) -> &mut [Node] {
        match self {
            Self::List(nodes) | Self::Parts(nodes) => nodes,
            Self::Choice(Some(node)) => std::slice::from_mut(node),
            _ => &mut [],
        }
    }

    fn child(&self, index: usize) -> Option<&Node> {
        match self {
            Self::List(nodes) | Self::Parts(nodes) => nodes.get(index),
            Self::Choice(Some(node)) if index == 0 => Some(node),
            _ => None,
        }
    }

    /// Edits one place. The place is found from the top, so that the few large lists are met as
    /// often as the many elements; `donor` is a like tree, whose parts may replace ours.
    pub fn edit(&mut self, random: &mut Random, donor: &Node) {
        let count = self.children().len();
        let stops = matches!(self, Self::List(_) | Self::Choice(_)) && random.one_in(8);
        if count == 0 || stops {
            return self.edit_here(random, donor);
        }
        // The ends of a list are where a count that is off by one shows.
        let index = match random.below(4) {
            0 => 0,
            1 => count - 1,
            _ => random.below(count),
        };
        let other = donor.child(index).unwrap_or(donor);
        self.children()[index].edit(random, other);
    }

    fn edit_here(&mut self, random: &mut Random, donor: &Node) {
        if random.one_in(12) {
            return *self = donor.clone();
        }
        match self {
            Self::Byte(byte) => {
                *byte = random.choose(&[0, 1, *byte ^ 1, byte.wrapping_add(1), 7, 8, 0xff])
            }
            Self::Number(number) => *self = other_number(random, *number),
            Self::Element(element) => *self = other_element(random, *element),
            Self::List(nodes) => edit_list(random, nodes, donor),
            Self::Choice(Some(_)) => *self = Self::Choice(None),
            Self::Choice(None) => {
                *self = Self::Choice(Some(Box::new(donor.some_part(random).clone())));
            }
            Self::Parts(_) => *self = Self::Raw(Vec::new()),
            Self::Raw(raw) => raw.push(0),
        }
        if random.one_in(32) {
            *self = long_length(random, self);
        }
    }

    /// Some node of the tree.
    fn some_part(&self, random: &mut Random) -> &Node {
        let count = (0..).take_while(|index| self.child(*index).is_some()).count();
        match self.child(random.below(count)) {
            Some(child) if !random.one_in(4) => child.some_part(random),
            _ => self,
        }
    }
}

fn other_number(random: &mut Random, number: u64) -> Node {
    if random.one_in(4) {
        // The same number in more bytes than it needs.
        let mut bytes = Vec::new();
        varint(number, &mut bytes);
        let last = bytes.len() - 1;
        bytes[last] |= 0x80;
        bytes.extend([0x80, 0x80].iter().take(random.below(3)));
        bytes.push(0);
        return Node::Raw(bytes);
    }
    let near = random.choose(&[1, 2, 3, u64::MAX, u64::MAX - 1]);
    let any = random.next();
    Node::Number(random.choose(&[
        number.wrapping_add(near),
        number.wrapping_add(near),
        0,
        64,
        1 << 31,
        1 << 32,
        1 << 63,
        u64::MAX,
        any,
    ]))
}

fn other_element(random: &mut Random, element: u32) -> Node {
    let p = F::ORDER_U32;
    let (any, alias) = (random.word() % p, element.wrapping_add(p));
    let near = element.wrapping_add(1) % p;
    let negative = p.wrapping_sub(element) % p;
    let choice = [near, near, negative, 0, 1, p - 1, any, any, alias, alias, p, p + 1, u32::MAX];
    Node::Element(random.choose(&choice))
}

fn edit_list(random: &mut Random, nodes: &mut Vec<Node>, donor: &Node) {
    let (at, to) = (random.below(nodes.len()), random.below(nodes.len()));
    let theirs: &[Node] = if let Node::List(theirs) = donor { theirs } else { &[] };
    match random.below(10) {
        0 => nodes.clear(),
        1 => nodes.truncate(at),
        2 if !nodes.is_empty() => drop(nodes.remove(at)),
        3 if !nodes.is_empty() => nodes.insert(to, nodes[at].clone()),
        4 if !nodes.is_empty() => nodes.swap(at, to),
        5 => nodes.reverse(),
        6 => nodes.splice(at.., theirs.iter().skip(at).cloned()).for_each(drop),
        7 => nodes.extend_from_slice(&theirs[..theirs.len().min(64)]),
        8 => {
            let filler = Node::Raw(random.choose(&[vec![0], vec![1], vec![0; 4], vec![0; 32]]));
            nodes.resize(random.choose(&[nodes.len() + 1, 1000, 100_000]), filler);
        }
        _ => {
            let some = nodes.get(at).unwrap_or(donor).clone();
            nodes.push(some);
        }
    }
}

/// A list whose stated length is another than the number of what follows.
fn long_length(random: &mut Random, node: &Node) -> Node {
    let Node::List(nodes) = node else { return node.clone() };
    let mut bytes = Vec::new();
    let count = nodes.len() as u64;
    let stated = [count + 1, count.wrapping_sub(1), 1 << 20, 1 << 32, 1 << 61, 1 << 63, u64::MAX];
    varint(random.choose(&stated), &mut bytes);
    nodes.iter().for_each(|node| node.write(&mut bytes));
    Node::Raw(bytes)
}
