-- nixio.util: methods for sockets and whatever else has `read` and `write` of
-- their kind. Each ends with the results `value, nil, nil, value`, or with
-- `nil, number, message, what was done before`.

local util = ...
local nixio = require("nixio")
local getmetatable, pairs, rawset, tostring, type = getmetatable, pairs, rawset, tostring, type
local concat = table.concat

local BUFFER = nixio.const.buffersize
local methods = {}

--- The first values of an iterator, in a new table or appended to one.
function util.consume(iterator, append)
  local list = append or {}
  local count = #list
  if iterator then
    for value in iterator do
      count = count + 1
      list[count] = value
    end
  end
  return list
end

function methods:is_socket() return getmetatable(self) == nixio.meta_socket end

function methods:is_tls_socket()
  return nixio.meta_tls_socket ~= nil and getmetatable(self) == nixio.meta_tls_socket
end

function methods:is_file() return getmetatable(self) == nixio.meta_file end

--- `length` bytes, or everything; fewer where the stream ends before.
function methods:readall(length)
  local parts, count, total = {}, 0, 0
  -- Even where nothing is asked for: a closed socket says that it is.
  repeat
    local block, code, message = self:read(length and length - total or BUFFER)
    if not block then return nil, code, message, concat(parts) end
    if block == "" then break end
    count, total = count + 1, total + #block
    parts[count] = block
  until length and total >= length
  local data = concat(parts)
  return data, nil, nil, data
end
methods.recvall = methods.readall

--- All of `data`. Nil has no text worth sending.
function methods:writeall(data)
  if data == nil then error("bad argument #1 to 'writeall' (value expected)", 2) end
  data = tostring(data)
  local total = 0
  repeat
    local sent, code, message, before = self:write(data, total)
    if not sent then return nil, code, message, total + (before or 0) end
    total = total + sent
  until total >= #data
  return total, nil, nil, total
end
methods.sendall = methods.writeall

--- An iterator over lines, whose end may be "\n" or "\r\n" and counts towards
--- `limit`: `nil, 0` for one that is longer. Called with `true` or a string it
--- gives what it has buffered, and goes on with nothing or the string.
function methods:linesource(limit)
  -- Digits will do, as everywhere.
  limit = (limit or BUFFER) + 0
  local buffer, position = "", 1
  -- No line ends before this place.
  local searched = 1
  return function(flush)
    if flush then
      local rest = buffer:sub(position)
      buffer, position, searched = type(flush) == "string" and flush or "", 1, 1
      return rest
    end
    while true do
      local newline = buffer:find("\n", searched, true)
      if newline then
        local last = newline - 1
        if last >= position and buffer:byte(last) == 13 then last = last - 1 end
        local line = buffer:sub(position, last)
        position, searched = newline + 1, newline + 1
        return line
      end
      buffer, position = buffer:sub(position), 1
      searched = #buffer + 1
      if #buffer >= limit then return nil, 0 end
      local block, code, message = self:read(limit - #buffer)
      if not block then return nil, code, message end
      if block == "" then return nil end
      buffer = buffer .. block
    end
  end
end

--- An iterator over what comes, at most `size` bytes at a time and `limit` in all.
function methods:blocksource(size, limit)
  size = size or BUFFER
  return function()
    local wanted = size
    if limit then
      if limit < 1 then return nil end
      if limit < wanted then wanted = limit end
    end
    local block, code, message = self:read(wanted)
    if not block then return nil, code, message end
    if block == "" then return nil end
    if limit then limit = limit - #block end
    return block
  end
end

--- A function that writes what it is called with; without anything more to come
--- it closes, if asked to.
function methods:sink(close)
  return function(chunk, source_error)
    if chunk then
      if chunk == "" then return true end
      return self:writeall(chunk)
    end
    if close and not source_error then
      if self.shutdown then self:shutdown() end
      self:close()
    end
    return true
  end
end

--- Everything, or `size` bytes, from this one to another.
function methods:copy(out, size)
  local source, sink = self:blocksource(nil, size), out:sink()
  local sent = 0
  while true do
    local chunk, code, message = source()
    if not chunk then
      if code then return nil, code, message, sent end
      return sent, nil, nil, sent
    end
    local ok, why, text, count = sink(chunk)
    if not ok then return nil, why, text, sent + (count or 0) end
    sent = sent + #chunk
  end
end

-- Between sockets the system has no shorter way.
methods.copyz = methods.copy

local metatables = { nixio.meta_socket, nixio.meta_file, nixio.meta_tls_socket }
for name, method in pairs(methods) do
  for _, metatable in pairs(metatables) do metatable[name] = method end
end

nixio.util = util
-- Where the original is a global, so are its parts.
if _VERSION == "Lua 5.1" or _VERSION == "Lua 5.2" then rawset(_G, "nixio", nixio) end
