-- ltn12: sources, sinks, filters and the pumps between them, as the technical note LTN12 has them.
--
-- A source gives a chunk for each call, nil at its end, nil and a message when it fails. A sink takes them so, and
-- answers true or nil and a message. A filter takes a chunk and gives what it makes of it; asked with "" it gives what
-- it still has, until it says ""; asked with nil it comes to its end, until it says nil.
local error, select, type = error, select, type
local sub = string.sub

local filter, source, sink, pump = {}, {}, {}, {}
local ltn12 = {
  _VERSION = "LTN12 1.0.3",
  BLOCKSIZE = 2048,
  filter = filter, source = source, sink = sink, pump = pump,
}

-- What a function was called without.
local function need(value, what)
  if not value then error(what .. " expected", 3) end
  return value
end

-- Filters ------------------------------------------------------------------------------------------------------------

-- A filter from a function `low(context, chunk, extra)` that gives the result and the next context.
function filter.cycle(low, context, extra)
  need(low, "function")
  return function(chunk)
    local result
    result, context = low(context, chunk, extra)
    return result
  end
end

-- Two filters in a row. What `second` still has goes out before `first` is asked for more.
local function join(first, second)
  local ended, full = false, false
  return function(chunk)
    if full and (not chunk or chunk == "") then
      local rest = second("")
      if rest ~= "" then return rest end
      full = false
    end
    while not ended do
      local middle = first(chunk)
      if middle == "" then return "" end
      if middle then
        local result = second(middle)
        if result ~= "" then
          full = true
          return result
        end
        chunk = chunk and ""
      else
        ended = true
      end
    end
    return second(nil)
  end
end

-- All of them as one.
function filter.chain(...)
  local chained, others = ..., { select(2, ...) }
  need(chained, "filter")
  for i = 1, #others do chained = join(chained, others[i]) end
  return chained
end

-- Sources ------------------------------------------------------------------------------------------------------------

local function nothing() return nil end

function source.empty()
  return nothing
end

function source.error(message)
  return function() return nil, message end
end

function source.file(handle, message)
  if not handle then return source.error(message or "unable to open file") end
  return function()
    if not handle then return nil end
    local chunk, problem = handle:read(ltn12.BLOCKSIZE)
    if not chunk then
      handle:close()
      handle = nil
    end
    return chunk, problem
  end
end

function source.string(text)
  -- A number will do.
  if type(text) == "number" then text = text .. "" end
  local position = 1
  return function()
    if not text or position > #text then return nil end
    local chunk = sub(text, position, position + ltn12.BLOCKSIZE - 1)
    position = position + #chunk
    return chunk
  end
end

function source.table(list)
  if type(list) ~= "table" then error("table expected", 2) end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

-- A source from one that may give, as a second result, the source to go on with.
function source.simplify(fancy)
  need(fancy, "source")
  return function()
    local chunk, other = fancy()
    if not chunk then return nil, other end
    fancy = other or fancy
    return chunk
  end
end

-- A source that takes chunks back: the last one comes out first.
function source.rewind(plain)
  need(plain, "source")
  local returned = {}
  return function(chunk)
    if chunk then
      returned[#returned + 1] = chunk
      return nil
    end
    local last = returned[#returned]
    if not last then return plain() end
    returned[#returned] = nil
    return last
  end
end

-- What a source gives, as the filters make it.
function source.chain(plain, ...)
  need(plain, "source")
  local chained = filter.chain(...)
  local fed, question, ended = false, nil, false
  return function()
    while not ended do
      local chunk, message = question, nil
      if not fed then
        chunk, message = plain()
        if message then return nil, message end
        question = chunk and ""
      end
      local result = chained(chunk)
      fed = result ~= ""
      if fed then
        ended = result == nil
        if ended and chunk then error("the filter ended before the source", 2) end
        return result
      end
      if not chunk then error("the filter does not end", 2) end
    end
    return nil
  end
end

-- One source after the other.
function source.cat(...)
  local list, i = { ... }, 1
  return function()
    while list[i] do
      local chunk, message = list[i]()
      if chunk then return chunk end
      if message then return nil, message end
      i = i + 1
    end
    return nil
  end
end

-- Sinks --------------------------------------------------------------------------------------------------------------

local function swallowed() return 1 end

function sink.null()
  return swallowed
end

function sink.error(message)
  return function() return nil, message end
end

-- Gives the table too.
function sink.table(list)
  list = list or {}
  return function(chunk)
    if chunk then list[#list + 1] = chunk end
    return 1
  end, list
end

function sink.file(handle, message)
  if not handle then return sink.error(message or "unable to open file") end
  return function(chunk)
    if chunk then return handle:write(chunk) end
    -- A full disk shows when what was buffered is written.
    local done, problem = true, nil
    if handle.flush then done, problem = handle:flush() end
    handle:close()
    if not done and problem then return nil, problem end
    return 1
  end
end

-- A sink from one that may give, as a second result, the sink to go on with.
function sink.simplify(fancy)
  need(fancy, "sink")
  return function(chunk, message)
    local done, other = fancy(chunk, message)
    if not done then return nil, other end
    fancy = other or fancy
    return 1
  end
end

-- A sink that gets what the filters make: `chain(filter, ..., sink)`.
function sink.chain(...)
  local count = select("#", ...)
  local plain = need(count > 1 and select(count, ...), "sink")
  local filters = { ... }
  filters[count] = nil
  local chained = filters[1]
  for i = 2, count - 1 do chained = join(chained, filters[i]) end
  need(chained, "filter")
  return function(chunk, message)
    if chunk == "" then return 1 end
    local last = chunk and ""
    local result = chained(chunk)
    while true do
      local done, problem = plain(result, message)
      if not done then return nil, problem end
      if result == last then return 1 end
      result = chained(last)
    end
  end
end

-- Pumps --------------------------------------------------------------------------------------------------------------

-- One chunk from the source to the sink, its end or failure included.
function pump.step(plain_source, plain_sink)
  local chunk, message = plain_source()
  local done, problem = plain_sink(chunk, message)
  if chunk and done then return 1 end
  return nil, message or problem
end

-- All of them, by `step` or the one above.
function pump.all(plain_source, plain_sink, step)
  need(plain_source, "source")
  need(plain_sink, "sink")
  step = step or pump.step
  while true do
    local done, message = step(plain_source, plain_sink)
    if not done then
      if message then return nil, message end
      return 1
    end
  end
end

-- Where Lua has `module`, upstream makes this global, and programs of that age name it so.
if rawget(_G, "module") then rawset(_G, "ltn12", ltn12) end

return ltn12
