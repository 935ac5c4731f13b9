-- socket: what LuaSocket adds to socket.core in Lua. Works on any socket.core.
local socket = require "socket.core"

local ipairs, setmetatable, error = ipairs, setmetatable, error
local min, tostring, type = math.min, tostring, type

socket.BLOCKSIZE = 2048
socket.try = socket.newtry()

function socket.connect4(address, port, laddress, lport)
  return socket.connect(address, port, laddress, lport, "inet")
end

function socket.connect6(address, port, laddress, lport)
  return socket.connect(address, port, laddress, lport, "inet6")
end

-- nil and a message, with the error number where there is one.
local function failure(message, code)
  if code then return nil, message, code end
  return nil, message
end

-- A listening server on the first address of a name that can be bound.
function socket.bind(host, port, backlog)
  if host == "*" then host = "0.0.0.0" end
  local addresses, message, code = socket.dns.getaddrinfo(host)
  if not addresses then return failure(message, code) end
  message = "no info on address"
  for _, address in ipairs(addresses) do
    local server
    if address.family == "inet" then
      server, message, code = socket.tcp4()
    else
      server, message, code = socket.tcp6()
    end
    if not server then return failure(message, code) end
    local done
    server:setoption("reuseaddr", true)
    done, message, code = server:bind(address.addr, port)
    if done then done, message, code = server:listen(backlog) end
    if done then return server end
    server:close()
  end
  return failure(message, code)
end

-- A function that passes its call on to the entry of a table that its first argument names.
function socket.choose(choices)
  return function(name, a, b)
    if type(name) ~= "string" then name, a, b = "default", name, a end
    local chosen = choices[name or "nil"]
    if not chosen then error("unknown key (" .. tostring(name) .. ")", 3) end
    return chosen(a, b)
  end
end

-- A sink or source: callable, and with what select wants to know of its socket.
local function port(sock, call)
  return setmetatable({
    getfd = function() return sock:getfd() end,
    dirty = function() return sock:dirty() end,
  }, { __call = call })
end

local sinks, sources = {}, {}
socket.sinkt, socket.sourcet = sinks, sources

sinks["close-when-done"] = function(sock)
  return port(sock, function(_, chunk)
    if chunk then return sock:send(chunk) end
    sock:close()
    return 1
  end)
end

sinks["keep-open"] = function(sock)
  return port(sock, function(_, chunk)
    if chunk then return sock:send(chunk) end
    return 1
  end)
end
sinks.default = sinks["keep-open"]

sources["by-length"] = function(sock, length)
  return port(sock, function()
    if length <= 0 then return nil end
    local chunk, message = sock:receive(min(socket.BLOCKSIZE, length))
    if message then return nil, message end
    length = length - #chunk
    return chunk
  end)
end

sources["until-closed"] = function(sock)
  local done = false
  return port(sock, function()
    if done then return nil end
    local chunk, message, partial = sock:receive(socket.BLOCKSIZE)
    if not message then return chunk end
    if message ~= "closed" then return nil, message end
    sock:close()
    done = true
    return partial
  end)
end
sources.default = sources["until-closed"]

socket.sink = socket.choose(sinks)
socket.source = socket.choose(sources)

return socket
