-- The sources of the reference against the modules: everything that a module, a table in it or an object has is
-- documented, and nothing else is.

local t, s = ...

local load_text = rawget(_G, "loadstring") or load

-- What a class has: the table of its methods. Where it has properties too, that is behind a function, with their table
-- or without: their names then stand in a source.
local function of_class(part)
  local index = assert(load_text(part.keys, "=" .. part.path))()
  if type(index) == "table" then return index end
  local found, place = {}, 1
  while true do
    local name, value = debug.getupvalue(index, place)
    if not name then break end
    if type(value) == "table" then
      for key, method in pairs(value) do found[key] = method end
    end
    place = place + 1
  end
  if not part.properties then return found end
  if place == 1 then t.skip("Lua 5.1 does not show what a function of C holds") end
  for name in s.read(s.top .. "/" .. part.properties):gmatch('Property%s*{%s*name: "([%w_]+)"') do found[name] = true end
  return found
end

-- The table whose keys a part documents.
local function real(part)
  if part.keys then return of_class(part) end
  if part.kind == "module" then
    local module = require(part.name)
    if not part.gives then return module end
    t.equal(type(module), "function", part.name)
    return { [part.gives] = module }
  end
  local value = require(part.module)
  for name in part.name:sub(#part.module + 2):gmatch("[^.]+") do value = value[name] end
  return value
end

local parts = s.parts()
local inner, modules = {}, {}
for _, part in ipairs(parts) do
  if part.kind == "table" then inner[part.name] = true end
  if part.kind == "module" then modules[part.name] = true end
end

-- A metamethod belongs to the class's table in some dialects, and is no method. Modules that others put into this one
-- are documented by themselves.
local function needs_entry(part, name, value)
  if type(name) ~= "string" then return false end
  if part.kind == "class" and name:find("^__") then return false end
  local full = part.name .. "." .. name
  return not inner[full] and not (modules[full] and package.loaded[full] == value)
end

for _, part in ipairs(parts) do
  if part.kind == "module" or part.kind == "table" or part.kind == "class" then
    t.case(part.kind .. " " .. part.name .. " is documented as it is", function()
      local found, wrong = real(part), {}
      t.equal(type(found), "table", part.name)
      for name, value in pairs(found) do
        if needs_entry(part, name, value) and not part.entries[name] then
          wrong[#wrong + 1] = "not documented: " .. name
        end
      end
      for name, times in pairs(part.entries) do
        if times == "twice" then wrong[#wrong + 1] = "documented twice: " .. name end
        if found[name] == nil and not part.optional[name] then wrong[#wrong + 1] = "does not exist: " .. name end
      end
      table.sort(wrong)
      if wrong[1] then t.fail(part.path .. ", " .. part.name .. ":\n" .. table.concat(wrong, "\n")) end
    end)
  end
end

t.case("every module that can be required is documented", function()
  local missing = {}
  local list = s.read(s.top .. "/lua-binding/src/dialects/mod.rs")
  local names = list:match("\ndialects! {(.*)$")
  for name in names:gmatch('\n%s+"([%w._]+)" =>') do if not modules[name] then missing[#missing + 1] = name end end
  for name in names:gmatch('\n%s+lua "([%w._]+)" =>') do if not modules[name] then missing[#missing + 1] = name end end
  -- The lower halves of modules that have an upper one.
  for i = #missing, 1, -1 do
    local upper = missing[i]:match("^(.*)%.core$")
    if upper and modules[upper] then table.remove(missing, i) end
  end
  t.equal(table.concat(missing, " "), "")
end)

t.case("the definition files are Lua, and give their modules", function()
  local files = s.files("docs/luacats/library/*.lua")
  t.ok(#files > 0)
  for _, name in ipairs(files) do
    local text = s.read(s.top .. "/" .. name)
    t.ok(load_text(text, "=" .. name))
    t.ok(modules[text:match("^%-%-%-@meta (%S+)\n")], name)
  end
end)
