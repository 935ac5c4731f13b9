-- A watcher that breaks one thing and passes on all others.

local shape = ...

local fault = {}

local function gone() return nil end

-- What is done to the arguments.
local arguments = {
  ignored = function(value, field)
    if field then return shape.with_field(value, field, gone) end
    return nil
  end,
  less = function(value) return type(value) == "number" and shape.less(value) or value end,
  greater = function(value) return type(value) == "number" and shape.greater(value) or value end,
  another = function(value)
    if type(value) == "string" or type(value) == "boolean" then return shape.another(value) end
    return value
  end,
}

-- A result, or a field of it, as it should not be.
local function broken(value, field, given)
  if type(value) == "function" or (type(value) == "table" and shape.is_among(value, given)) then return value end
  if type(value) ~= "table" then
    -- Nothing and a plain no are different answers.
    if field then return value end
    if value == false then return nil end
    return shape.another(value)
  end
  if field == 1 then
    local copy = shape.copy(value)
    table.remove(copy)
    return copy
  end
  return field and shape.with_field(value, field, shape.another) or value
end

--- `key(name, given, is_method)` says which of its things a call does.
function fault.new(what, key)
  local self = {}

  function self.offers() end

  function self.constant(name, holder, field)
    if what.what == "constant" and what.name == name then holder[field] = shape.another(holder[field]) end
  end

  local function after(got, given, before)
    if what.what == "answer" then return got[1] and got or { n = 3, true, nil, tostring(got[2]) } end
    if not got[1] then return got end
    local good = got.n == 1 or shape.is_good(got[2])
    if what.what == "kept" and before then
      shape.restore(given[what.at], before)
    elseif good == what.good and what.what == "more" then
      got.n = got.n + 1
      got[got.n] = false
    elseif good == what.good and what.what == "result" and what.at <= got.n then
      got[what.at] = broken(got[what.at], what.field, given)
    end
    return got
  end

  function self.call(name, is_method, f, ...)
    if name ~= what.name then return shape.pack(pcall(f, ...)) end
    local given = shape.pack(...)
    if what.key and key(name, given, is_method) ~= what.key then return shape.pack(pcall(f, ...)) end
    if what.what == "nothing" then return { n = what.at, true, true } end
    local before
    if what.what == "kept" then before = type(given[what.at]) == "table" and shape.copy(given[what.at]) end
    local change = arguments[what.what]
    if change and given[what.at] ~= nil and not (what.field and type(given[what.at]) ~= "table") then
      given[what.at] = change(given[what.at], what.field)
    end
    return after(shape.pack(pcall(f, shape.unpack(given, 1, given.n))), given, before)
  end

  function self.read(name, value)
    if name == what.name and what.what == "read" and value ~= nil then return shape.another(value) end
    return value
  end

  function self.write(name, set, value)
    if name ~= what.name then return set(value) end
    if what.what == "unwritten" then return end
    if what.what == "write raises" then pcall(set, value) return end
    set(what.what == "written" and shape.another(value) ~= nil and shape.another(value) or value)
  end

  return self
end

return fault
