-- osn's sockets. They cannot say that no more will be sent.

local osn = require("osn")
local sleep = require("socket").sleep

-- The worlds' signals are simulated, and none that it could tell of.
osn.signals(false)

local dialect = { name = "osn" }

function dialect.listen()
  local server = assert(osn.serve { ip = "127.0.0.1", port = "0" })
  return server, tonumber((select(2, server:getsockname())))
end

function dialect.connect(port) return assert(osn.connect { ip = "127.0.0.1", port = port }) end

function dialect.accept(listener) return (assert(listener:accept())) end

function dialect.send(socket, data)
  local sent, why = socket:send(data)
  if not sent then return 0, why == "timeout" and why or "gone" end
  return sent, sent < #data and "timeout" or nil
end

function dialect.receive(socket, count, limit)
  local data, why
  if limit then
    data, why = socket:receive(count, math.max(limit, 1e-6))
  else
    data, why = socket:receive(count)
  end
  if data and data ~= "" then return data end
  if why == "timeout" then return "", why end
  return "", why == "closed" and "end" or "gone"
end

function dialect.close(socket) socket:close() end
dialect.sleep = sleep

--- A receive without a second argument, and a send, give up after ten seconds.
function dialect.limits(fiber, expect)
  local server, port = dialect.listen()
  local c, a
  local halves = 0
  local function gives_up(name, call)
    local before = halves
    local none, why = call()
    expect(none == nil and why == "timeout", "osn's", name, "gave", tostring(none), tostring(why))
    local took = (halves - before) / 2
    expect(took >= 9.5 and took <= 10.5, "osn's", name, "gave up after", took, "s")
  end
  fiber(function() a = dialect.accept(server) end)
  fiber(function()
    c = dialect.connect(port)
    while not a do sleep(0.001) end
    fiber(function()
      -- The clock stands still but for those who wait.
      while c do
        sleep(0.5)
        halves = halves + 1
      end
    end)
    gives_up("receive", function() return c:receive(10) end)
    -- What there is room for, and what a limit lets through, is told by a count.
    local data = ("x"):rep(100000)
    while c:send(data) == #data do end
    gives_up("send", function() return c:send(data) end)
    for _, socket in ipairs({ c, a, server }) do socket:close() end
    c = nil
  end)
end

return dialect
