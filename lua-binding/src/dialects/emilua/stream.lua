-- stream: reading and writing more than a single call does, on anything with read_some and write_some.
local emilua, raw = ...
local throw, type = raw.throw, type
local EINVAL = raw.errno.EINVAL

local stream = {}
local append = emilua.byte_span.append
local whole = raw.write_all
local write_all = raw.raising(whole, 1)

local function checked(span)
  if type(span) ~= "userdata" then throw(EINVAL, "generic", 2) end
  return span
end

-- A span of a string's bytes, or the span itself.
local function span_of(data)
  if type(data) == "string" then return append(data) end
  return checked(data)
end

--- Writes everything: its size.
function stream.write_all(to, data)
  -- Our own sockets do it in one go.
  local count, code, category = whole(to, data)
  if count then return count end
  if code == false then return write_all(to, data) end
  if code then throw(code, category) end
  local span = span_of(data)
  return stream.write_at_least(to, span, #span)
end

local function at_least(one, buffer, count)
  if type(count) ~= "number" then throw(EINVAL, "generic", 3) end
  if count > #buffer then count = #buffer end
  local done = 0
  while done < count do done = done + one(buffer:slice(1 + done)) end
  return done
end

--- Writes at least so many bytes of a span: how many.
function stream.write_at_least(to, span, count)
  span = span_of(span)
  return at_least(function(rest) return to:write_some(rest) end, span, count)
end

--- Fills a span: its size.
function stream.read_all(from, span) return stream.read_at_least(from, span, #checked(span)) end

--- Reads at least so many bytes into a span: how many.
function stream.read_at_least(from, span, count)
  return at_least(function(rest) return from:read_some(rest) end, checked(span), count)
end

emilua.stream = stream
