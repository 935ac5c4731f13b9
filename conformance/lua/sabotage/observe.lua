-- Watches the suite once, with nothing broken, and makes the list of what can be broken: a fault for each argument,
-- result, field, error and effect that it saw, with the cases that would feel it.

local shape = ...

local observer = {}

--- `words[name]`: the places of a function's arguments that say which of several things it does.
function observer.new(current, words)
  local faults, by_id, offered, used, keys = {}, {}, {}, {}, {}

  -- Notes a way to break `name`, or one of the things that it does, and that the running case would feel it.
  local function note(fault, ...)
    local text = { ... }
    for i, part in ipairs(text) do text[i] = tostring(part) end
    local id = (fault.key or fault.name) .. ": " .. table.concat(text, " ")
    local known = by_id[id]
    if not known then
      known = fault
      known.id, known.cases, known.felt = id, {}, {}
      by_id[id] = known
      faults[#faults + 1] = known
    end
    local case = current()
    if case and not known.felt[case] then
      known.felt[case] = true
      known.cases[#known.cases + 1] = case.name
    end
  end

  -- Such cases call anything with anything: that is no proof that it means something.
  local function is_hostile()
    local case = current()
    return case and case.topic == "hostile"
  end

  local function results(call, good)
    local got, word = call.got, good and "result" or "failure's result"
    local key, is_meta = good and call.key or nil, call.name:find("%.__") ~= nil
    local function fault(at, field)
      return { name = call.name, key = key, what = "result", good = good, at = at, field = field }
    end
    for i = 2, got.n do
      local value = got[i]
      if type(value) == "table" and not shape.is_among(value, call.given) then
        for field in pairs(shape.fields(value)) do note(fault(i, field), word, i - 1, "has another", field) end
        if value[1] ~= nil then note(fault(i, 1), word, i - 1, "is shorter") end
      elseif type(value) ~= "function" and type(value) ~= "table" and not (value == false and is_meta) then
        note(fault(i), word, i - 1, "is another")
      end
    end
    if not is_meta then
      note({ name = call.name, key = key, what = "more", good = good }, "one", word, "more")
    end
    if got.n == 1 or (got.n == 2 and got[2] == true) then
      note({ name = call.name, key = key, what = "nothing", at = got.n }, "does nothing")
    end
  end

  local function argument(call, i, skip)
    local value, at = call.given[i], i - (call.is_method and 1 or 0)
    local function fault(what, field)
      return { name = call.name, key = call.key, what = what, at = i, field = field }
    end
    if value == nil or skip[at] then return end
    note(fault("ignored"), "argument", at, "is ignored")
    if type(value) == "number" then
      note(fault("less"), "argument", at, "is less")
      note(fault("greater"), "argument", at, "is greater")
    elseif type(value) == "string" or type(value) == "boolean" then
      note(fault("another"), "argument", at, "is another")
    elseif type(value) == "table" then
      if value[1] == nil then
        for field in pairs(shape.fields(value)) do
          note(fault("ignored", field), "argument", at, "without its", field)
        end
      end
      if not shape.same(value, call.before[i]) then note(fault("kept"), "argument", at, "stays as it was") end
    end
  end

  local self = {}

  function self.offers(name) offered[#offered + 1] = name end

  function self.constant(name, holder, key)
    note({ name = name, what = "constant", holder = holder, field = key }, "is another")
  end

  function self.key(name, given, is_method)
    local places = words[name]
    if not places then return nil end
    local found = {}
    for i, place in ipairs(places) do found[i] = tostring(given[place + (is_method and 1 or 0)]) end
    return name .. "(" .. table.concat(found, ", ") .. ")"
  end

  function self.call(name, is_method, f, ...)
    local call = { name = name, is_method = is_method, given = shape.pack(...), before = {} }
    call.key = self.key(name, call.given, is_method)
    for i = 1, call.given.n do call.before[i] = shape.copy(call.given[i]) end
    local given = call.given
    call.got = shape.pack(pcall(f, shape.unpack(given, 1, given.n)))
    used[name] = true
    if not call.got[1] then
      note({ name = name, what = "answer" }, "answers instead of raising")
      return call.got
    end
    local good = call.got.n == 1 or shape.is_good(call.got[2])
    if good and call.key then keys[call.key] = true end
    results(call, good)
    local skip = {}
    for _, place in ipairs(words[name] or {}) do skip[place] = true end
    if is_hostile() then return call.got end
    for i = is_method and 2 or 1, given.n do argument(call, i, skip) end
    return call.got
  end

  function self.read(name, value)
    if value ~= nil and not is_hostile() then note({ name = name, what = "read" }, "reads another") end
    return value
  end

  function self.write(name, set, value)
    local ok, err = pcall(set, value)
    if not ok then
      if is_hostile() then error(err, 0) end
      note({ name = name, what = "write raises" }, "takes what it must not")
      error(err, 0)
    end
    note({ name = name, what = "unwritten" }, "is not written")
    if shape.another(value) ~= nil then note({ name = name, what = "written" }, "is written otherwise") end
  end

  --- The list. What only ever failed of the things that a function does is no thing of its own.
  function self.faults()
    local list = {}
    for _, fault in ipairs(faults) do
      if not fault.key or keys[fault.key] then list[#list + 1] = fault end
    end
    for _, name in ipairs(offered) do
      if not used[name] then list[#list + 1] = { id = name .. ": is never called", name = name, what = "unused", cases = {} } end
    end
    return list
  end

  return self
end

return observer
