//! The macros by which dialects list their functions and methods.

/// `function!("name", path(Kind, …))`: a [`Function`](crate::vm::Function) from a safe function; with `opens` in front one that
/// [makes descriptors](crate::vm::Function::opening), with `new` and two types one that [makes](crate::vm::Function::maker)
/// objects, with `show` one [without arguments](crate::vm::Function::shown), and with a type and `shortcut =>` an active
/// method [with a shortcut](crate::vm::Function::abridged).
#[macro_export]
#[doc(hidden)]
macro_rules! __function {
    (opens $name:expr, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::opening::<($($kind,)*), _>($name, $path)
    };
    ($name:expr, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::plain::<($($kind,)*), _>($name, $path)
    };
    ($name:expr, $body:ty, $quick:path => $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::abridged::<$body, ($($kind,)*), _, _, _>($name, $path, $quick)
    };
    (show $name:expr, $path:path $(,)?) => {
        $crate::vm::Function::shown($name, $path)
    };
    (new $name:expr, $body:ty, $state:ty, $path:path $(,)?) => {
        $crate::vm::Function::maker($name, $path, std::marker::PhantomData::<($body, $state)>)
    };
}

/// `method!("name", Type, Guard, path, Kind, …)`: a [`Function`](crate::vm::Function) from a function on `&mut Type`. With `shortcut => path`
/// in place of the path, one with a [shortcut](crate::vm::Function::quick_method); with `show` in front, and a shortcut,
/// one of [the other sort](crate::vm::Function::showing_method); with `opens`, one that makes descriptors.
#[macro_export]
#[doc(hidden)]
macro_rules! __method {
    (opens $name:expr, $body:ty, $guard:ty, $quick:path => $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::opening_quick_method::<$body, $guard, ($($kind,)*), _, _, _>(
            $name, $path, $quick,
        )
    };
    (opens $name:expr, $body:ty, $guard:ty, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::opening_method::<$body, $guard, ($($kind,)*), _>($name, $path)
    };
    (hot $name:expr, $body:ty, $guard:ty, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::hot_method::<$body, $guard, ($($kind,)*), _>($name, $path)
    };
    (show $name:expr, $body:ty, $guard:ty, $show:path => $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::showing_method::<$body, $guard, ($($kind,)*), _, _, _>(
            $name, $path, $show,
        )
    };
    ($name:expr, $body:ty, $guard:ty, $quick:path => $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::quick_method::<$body, $guard, ($($kind,)*), _, _, _>(
            $name, $path, $quick,
        )
    };
    ($name:expr, $body:ty, $guard:ty, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::method::<$body, $guard, ($($kind,)*), _>($name, $path)
    };
}
