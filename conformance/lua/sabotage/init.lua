-- Breaks a dialect at the level of Lua, one thing at a time, to see that its suite notices. First the suite is watched
-- as it is, and the list of what can be broken is written down; then it runs once for each entry, only the cases that
-- would feel it.
--
-- A dialect's `sabotage.lua` names its `modules`, the `words` among arguments, the `samples` of its objects, and what
-- may go unnoticed, `excused`, with the reason.

local dir = ...

local function part(name, ...) return assert(loadfile(dir .. "/sabotage/" .. name .. ".lua"))(...) end

local shape = part("shape")
local observer, fault, wrap = part("observe", shape), part("fault", shape), part("wrap")

local sabotage = {}

local function cover(spec, watcher)
  local modules = {}
  for _, name in ipairs(spec.modules) do modules[require(name)] = true end
  local wrapping = wrap(watcher)
  for _, sample in ipairs(spec.samples and spec.samples() or {}) do wrapping.object(sample) end
  for _, name in ipairs(spec.modules) do wrapping.module(name, require(name), modules) end
end

local function written(path, list)
  local file = assert(io.open(path, "w"))
  file:write("return {\n")
  for _, entry in ipairs(list) do
    local fields = {}
    for _, name in ipairs({ "id", "name", "key", "what", "at", "field", "good" }) do
      local value = entry[name]
      if value ~= nil then
        fields[#fields + 1] = name .. " = " .. (type(value) == "string" and string.format("%q", value) or tostring(value))
      end
    end
    local cases = {}
    for i, case in ipairs(entry.cases) do cases[i] = string.format("%q", case) end
    file:write("  { ", table.concat(fields, ", "), ", cases = { ", table.concat(cases, ", "), " } },\n")
  end
  file:write("}\n")
  file:close()
end

--- Watches from now on; the function that it gives ends that: it writes the list to `path` and gives it.
function sabotage.observe(folder, path, current)
  local spec = dofile(folder .. "/sabotage.lua")
  local watcher = observer.new(current, spec.words or {})
  cover(spec, watcher)
  return function()
    local list = watcher.faults()
    written(path, list)
    return list, spec.excused or {}
  end
end

--- Breaks the entry with this number; gives the entry.
function sabotage.commit(folder, path, number)
  local spec = dofile(folder .. "/sabotage.lua")
  local entry = assert(dofile(path)[number], "there is no such entry")
  cover(spec, fault.new(entry, observer.new(nil, spec.words or {}).key))
  return entry
end

return sabotage
