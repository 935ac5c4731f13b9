-- How functions of the Rust half become Emilua's: they answer `nil, code, category[, argument]` where an error is to be
-- raised, and `nil, false` where they would have to wait outside of fibers.
local _, raw = ...
local error, next, throw, type = error, next, raw.throw, type

-- Raises, or makes a fiber for this one call and lets all of them run until it is done.
local function failed(call, code, category, number, ...)
  if code == false then return raw.retry(call, ...) end
  -- In Lua's own words, at the program's place.
  if type(code) == "string" then error(code, 3) end
  throw(code, category, number)
end

local shapes = {
  [0] = function(call)
    return function(self, a, b, c, d)
      local x, code, category, number = call(self, a, b, c, d)
      if x == nil then failed(call, code, category, number, self, a, b, c, d) end
    end
  end,
  function(call)
    return function(self, a, b, c, d)
      local x, code, category, number = call(self, a, b, c, d)
      if x == nil and code ~= nil then return (failed(call, code, category, number, self, a, b, c, d)) end
      return x
    end
  end,
  function(call)
    return function(self, a, b, c, d)
      local x, y, category, number = call(self, a, b, c, d)
      if x == nil then return failed(call, y, category, number, self, a, b, c, d) end
      return x, y
    end
  end,
  function(call)
    return function(self, a, b, c, d)
      local x, y, z, number = call(self, a, b, c, d)
      if x == nil then return failed(call, y, z, number, self, a, b, c, d) end
      return x, y, z
    end
  end,
}

--- A function with so many results that raises its errors.
function raw.raising(call, results) return shapes[results](call) end

--- The methods of a class's Rust half. The metatable outlives a loading that failed: the next finds them there.
function raw.half(metatable)
  local half = metatable.half or metatable.__index
  metatable.half = half
  return half
end

--- Gives a class methods and properties (functions of the object), and the name that its metatable shows.
function raw.class(metatable, name, methods, properties, numbered)
  function metatable.__index(self, key)
    local method = methods[key]
    if method then return method end
    local property = properties[key]
    if property then return property(self) end
    if numbered and type(key) == "number" then return numbered(self, key) end
    throw(8, "emilua.core")
  end
  metatable.__name = name
  metatable.__metatable = name
end

--- Methods by their names, with their numbers of results, from those of the Rust half.
function raw.methods(of, results)
  local methods = {}
  for name, count in next, results do methods[name] = raw.raising(of[name], count) end
  return methods
end

--- The one result, or the error that it stands for.
function raw.passed(x, code, category, number)
  if x == nil then throw(code, category, number) end
  return x
end
