-- LuaSocket's TCP objects. Lines and counts are gone on with by what was partial.

local socket = require("socket")

local luasocket = { name = "LuaSocket" }

local hows = { timeout = "timeout", closed = "end" }

function luasocket.listen()
  local listener = assert(socket.bind("127.0.0.1", 0))
  return listener, (select(2, listener:getsockname()))
end

function luasocket.connect(port)
  local c = socket.tcp()
  if math.random(2) == 1 then c:settimeout(30) end
  local ok, err = c:connect("127.0.0.1", port)
  assert(ok, err)
  return c
end

function luasocket.accept(listener) return assert(listener:accept()) end

function luasocket.send(c, data, limit)
  c:settimeout(limit)
  local first = math.random(#data)
  -- What stands before the part that is sent does not count.
  local padded = ("-"):rep(first) .. data
  local last, err, partial = c:send(padded, first + 1)
  if last then return last - first end
  return partial - first, err == "timeout" and err or "gone"
end

function luasocket.receive(c, count, limit)
  c:settimeout(limit)
  local kind = math.random(4)
  if kind == 1 then
    -- A line without its CRs would not be what was sent.
    local line, err, partial = c:receive("L")
    if line then return line end
    return partial, hows[err] or "gone"
  elseif kind == 2 then
    local data, err = c:receiveany(count)
    if data then return data end
    return "", hows[err] or "gone"
  elseif kind == 3 then
    -- In two calls, the first one's result before the second's.
    local data, err, partial = c:receive(count)
    if data then return data end
    if err == "timeout" then
      data, err, partial = c:receive(count, partial)
      if data then return data end
    end
    return partial, hows[err] or "gone"
  end
  local data, err, partial = c:receive(count)
  if data then return data end
  return partial, hows[err] or "gone"
end

function luasocket.finish(c) c:shutdown("send") end
function luasocket.close(c) c:close() end
function luasocket.sleep(s) socket.sleep(s) end

return luasocket
