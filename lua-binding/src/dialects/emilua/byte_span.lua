-- byte_span: bytes by number, and what its methods raise.
local emilua, raw = ...

local half = raw.half(raw.byte_span)
local methods = raw.methods(half, {
  copy = 1, ends_with = 1, find = 1, find_first_not_of = 1, find_first_of = 1, find_last_not_of = 1, find_last_of = 1,
  rfind = 1, slice = 1, starts_with = 1, trimmed = 1,
})

-- Any number of them.
function methods.append(...) return raw.passed(raw.span_grow(...)) end

raw.class(raw.byte_span, "byte_span", methods, { capacity = half.capacity }, raw.raising(half.get, 1))
raw.byte_span.__newindex = raw.raising(half.set, 0)

emilua.byte_span = {
  new = raw.raising(raw.span_new, 1),
  append = function(...) return raw.passed(raw.span_append(...)) end,
}
