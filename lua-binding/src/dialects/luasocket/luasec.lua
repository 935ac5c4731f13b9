-- LuaSec's connections wait in C, which knows nothing of fibers. In one their methods make attempts that do not wait, and
-- the waits between are `select`'s, which suspends this fiber alone; elsewhere they are what they were.
local methods, select, monotime, suspends, closing = ...
local getfd, receive, send, dohandshake = methods.getfd, methods.receive, methods.send, methods.dohandshake
local settimeout, close = methods.settimeout, methods.close
local min, max, setmetatable, tonumber = math.min, math.max, setmetatable, tonumber

-- What settimeout was told last, of the connections that it was told.
local limits = setmetatable({}, { __mode = "k" })
local FOREVER = {}
local WANTED = { wantread = true, wantwrite = true }

-- A descriptor for `select`. The connection itself would be ready to be read while it holds what nobody asks for.
local Watched = {}
Watched.__index = Watched
function Watched:getfd() return self.descriptor end

local function again(connection, ...)
  settimeout(connection, (limits[connection] or FOREVER).wait or -1)
  return ...
end

-- One attempt, without waiting.
local function attempt(connection, method, ...)
  settimeout(connection, 0)
  return again(connection, method(connection, ...))
end

-- Waits for what an attempt wanted. Nil: it came; otherwise what the call answers.
local function without(connection, wanted, began)
  local limit = limits[connection] or FOREVER
  local time = limit.wait
  if limit.whole then
    local left = max(limit.whole - (monotime() - began), 0)
    time = time and min(time, left) or left
  end
  if time == 0 then return wanted end
  local watched = { setmetatable({ descriptor = getfd(connection) }, Watched) }
  local _, why
  if wanted == "wantread" then
    _, _, why = select(watched, nil, time)
  else
    _, _, why = select(nil, watched, time)
  end
  return why == "timeout" and wanted or why
end

function methods.settimeout(connection, value, mode)
  local done = settimeout(connection, value, mode)
  local limit = limits[connection] or {}
  local seconds = tonumber(value)
  if seconds and not (seconds >= 0) then seconds = nil end
  -- The mode was accepted; its first letter counts.
  local kind = mode and mode:sub(1, 1)
  if kind == "t" or kind == "r" then limit.whole = seconds else limit.wait = seconds end
  limits[connection] = limit
  return done
end

function methods.dohandshake(connection)
  if not suspends() then return dohandshake(connection) end
  local began = monotime()
  while true do
    local done, why = attempt(connection, dohandshake)
    if done or not WANTED[why] then return done, why end
    why = without(connection, why, began)
    if why then return false, why end
  end
end

function methods.receive(connection, pattern, prefix)
  if not suspends() then return receive(connection, pattern, prefix) end
  local began = monotime()
  while true do
    local data, why, partial = attempt(connection, receive, pattern, prefix)
    if data or not WANTED[why] then return data, why, partial end
    why = without(connection, why, began)
    if why then return nil, why, partial end
    prefix = partial
  end
end

function methods.send(connection, data, first, last)
  if not suspends() then return send(connection, data, first, last) end
  local began = monotime()
  while true do
    local sent, why, partial = attempt(connection, send, data, first, last)
    if sent or not WANTED[why] then return sent, why, partial end
    why = without(connection, why, began)
    if why then return nil, why, partial end
    first = partial + 1
  end
end

function methods.close(connection)
  -- Fibers that wait for it find that out.
  closing(getfd(connection))
  return close(connection)
end
