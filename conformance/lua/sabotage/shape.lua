-- What values look like, and how one becomes slightly another.

local shape = { unpack = table.unpack or unpack }

function shape.pack(...) return { n = select("#", ...), ... } end

--- Did the call whose first result this is do what it was asked to?
function shape.is_good(first) return first ~= nil and first ~= false end

--- The value slightly changed; objects and functions are gone.
function shape.another(value)
  local kind = type(value)
  if kind == "number" then return value + 1 end
  if kind == "string" then return value .. "x" end
  if kind == "boolean" then return not value end
  if kind == "nil" then return false end
  if kind == "table" then return {} end
  return nil
end

--- About half of a number, an integer of an integer.
function shape.less(value)
  if value ~= math.floor(value) then return value / 2 end
  if value == 0 then return value - 1 end
  return value - math.ceil(value / 2)
end

--- More than twice as much; next to nothing stays that.
function shape.greater(value)
  if value < 0 then return -value end
  return value > 0 and value < 1e-3 and value * 2 or value * 2 + 1
end

--- A copy of a table and of the tables in it; anything else is itself.
function shape.copy(value, depth)
  depth = depth or 1
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, inner in next, value do copy[key] = depth > 0 and shape.copy(inner, depth - 1) or inner end
  local mt = getmetatable(value)
  return type(mt) == "table" and setmetatable(copy, mt) or copy
end

--- Are these, as far as a copy goes, the same?
function shape.same(one, other, depth)
  depth = depth or 1
  if type(one) ~= "table" or type(other) ~= "table" or depth < 0 then
    return rawequal(one, other) or (one ~= one and other ~= other)
  end
  for key, inner in next, one do
    if not shape.same(inner, rawget(other, key), depth - 1) then return false end
  end
  for key in next, other do
    if rawget(one, key) == nil then return false end
  end
  return true
end

--- Makes a table what its copy is.
function shape.restore(value, copy, depth)
  depth = depth or 1
  for key in next, value do
    if rawget(copy, key) == nil then rawset(value, key, nil) end
  end
  for key, inner in next, copy do
    local now = rawget(value, key)
    if depth > 0 and type(now) == "table" and type(inner) == "table" then
      shape.restore(now, inner, depth - 1)
    else
      rawset(value, key, inner)
    end
  end
end

--- The names of a table's fields, or of the fields of the tables in a list.
function shape.fields(value)
  local names = {}
  for key, inner in next, value do
    if type(key) == "string" then
      names[key] = true
    elseif type(inner) == "table" then
      for name in next, inner do
        if type(name) == "string" then names[name] = true end
      end
    end
  end
  return names
end

--- A copy in which this field, or that of each table in a list, is what `change` makes of it.
function shape.with_field(value, field, change)
  local copy = shape.copy(value)
  if copy[field] ~= nil then copy[field] = change(copy[field]) end
  for _, inner in ipairs(copy) do
    if type(inner) == "table" and inner[field] ~= nil then inner[field] = change(inner[field]) end
  end
  return copy
end

function shape.is_among(value, list)
  for i = 1, list.n do
    if rawequal(list[i], value) then return true end
  end
  return false
end

return shape
