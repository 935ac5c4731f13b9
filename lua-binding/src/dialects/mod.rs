//! The dialects: names, argument shapes, result shapes and error words. None knows another; this list and
//! `modules.txt` are all that names them.

pub mod luasocket;
pub mod osn;
