-- Puts a watcher around everything that a dialect's modules offer: their functions, what the objects that these give
-- have (methods, metamethods, properties), and functions among results. Constants and texts are told to it.

local unpack = table.unpack or unpack

-- What of a metatable is called by Lua itself.
local METAMETHODS = {
  "__tostring", "__eq", "__lt", "__le", "__len", "__call", "__concat", "__unm", "__add", "__sub", "__gc", "__close",
}

-- The tables that a function of C holds: the methods behind an `__index` that knows properties, too.
local function held_functions(index)
  local found, place = {}, 1
  while true do
    local name, value = debug.getupvalue(index, place)
    if not name then return found end
    if type(value) == "table" then
      for key, method in pairs(value) do
        if type(key) == "string" and type(method) == "function" then found[key] = method end
      end
    end
    place = place + 1
  end
end

local function sorted_names(of)
  local names = {}
  for name in pairs(of) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- An error's text as it would be without a wrapper in between, which hides how the function was called.
local function named(err, name, wrapper)
  if type(err) ~= "string" then return err end
  local short = wrapper.name or name:match("[%w_]+$") or name
  return (err:gsub("bad argument #(%d+) to '%?'", function(number)
    local place = tonumber(number) - (wrapper.namewhat == "method" and 1 or 0)
    if place == 0 then return "calling '" .. short .. "' on bad self" end
    return "bad argument #" .. place .. " to '" .. short .. "'"
  end))
end

--- `watcher` has `offers(name)`, `constant(name, holder, key)`, `call(name, is_method, f, ...)`, `read(name, value)`
--- and `write(name, set, value)`.
return function(watcher)
  local wrapped, adopted = {}, {}
  local adopt

  local function passed(name, got)
    for i = 2, got.n do adopt(name, got, i) end
    return unpack(got, 2, got.n)
  end

  -- One wrapper for each function in a holder, and for one of Lua in all of them: aliases stay the same function.
  local function wrapper(holder, name, f, is_method)
    if debug.getinfo(f, "S").what ~= "C" then holder = adopted end
    wrapped[holder] = wrapped[holder] or setmetatable({}, { __mode = "k" })
    local known = wrapped[holder]
    if not known[f] then
      local function outer(...)
        local got = watcher.call(name, is_method, f, ...)
        if not got[1] then error(named(got[2], name, debug.getinfo(1, "n")), 0) end
        return passed(name, got)
      end
      known[f], known[outer] = outer, outer
      watcher.offers(name)
    end
    return known[f]
  end

  local function properties(class, mt)
    local index, newindex = mt.__index, mt.__newindex
    local methods = held_functions(index)
    for _, name in ipairs(sorted_names(methods)) do wrapper(mt, class .. ":" .. name, methods[name], true) end
    function mt.__index(object, key)
      local value = index(object, key)
      if type(value) == "function" then return wrapper(mt, class .. ":" .. tostring(key), value, true) end
      if type(key) ~= "string" then return value end
      return watcher.read(class .. "." .. key, value)
    end
    if type(newindex) ~= "function" then return end
    function mt.__newindex(object, key, value)
      local function set(to) newindex(object, key, to) end
      if type(key) ~= "string" then return set(value) end
      watcher.write(class .. "." .. key, set, value)
    end
  end

  local function members(class, mark, holder)
    for _, name in ipairs(sorted_names(holder)) do
      local value = holder[name]
      if type(value) == "function" and not name:find("^__") then
        holder[name] = wrapper(holder, class .. mark .. name, value, mark == ":")
      elseif type(value) == "number" or type(value) == "string" then
        watcher.constant(class .. "." .. name, holder, name)
      end
    end
  end

  local function metatable(class, mt)
    if type(mt.__index) == "table" then
      members(class, ":", mt.__index)
    elseif type(mt.__index) == "function" then
      properties(class, mt)
    end
    for _, name in ipairs(METAMETHODS) do
      local f = rawget(mt, name)
      if type(f) == "function" then mt[name] = wrapper(mt, class .. "." .. name, f, true) end
    end
  end

  -- Objects bring their metatables, functions are wrapped themselves.
  function adopt(name, values, i)
    local value = values[i]
    if type(value) == "function" then
      values[i] = wrapper(adopted, name .. " -> function", value, false)
      return
    end
    local mt = type(value) == "userdata" and debug.getmetatable(value)
    if not mt or adopted[mt] then return end
    adopted[mt] = true
    if io.type(value) then return end
    metatable(type(mt.__name) == "string" and mt.__name or name .. " -> object", mt)
  end

  local wrap = {}

  --- A module, and the tables in it but other modules.
  function wrap.module(name, module, modules)
    if adopted[module] then return end
    adopted[module] = true
    members(name, ".", module)
    for _, key in ipairs(sorted_names(module)) do
      local value = module[key]
      if type(value) == "table" and not modules[value] and not rawget(value, "__index") and not adopted[value] then
        wrap.module(name .. "." .. key, value, modules)
      end
    end
  end

  --- An object's class, before a case makes one.
  function wrap.object(value) adopt("sample", { value }, 1) end

  return wrap
end
