-- Arguments of every wrong kind, and methods on wrong objects: errors that can
-- be caught, and nothing leaks.

local t, s = ...
local nixio = s.nixio

local values = { nil, true, 0, -1, 1e300, 0 / 0, "", "x\0y", ("x"):rep(100000), {}, print, io.stdout }

t.case("every function with every kind of value", function()
  for _, name in ipairs({ "bind", "connect", "getaddrinfo", "getnameinfo", "poll_flags", "socket", "strerror" }) do
    for i = 1, 12 do
      for j = 1, 12 do pcall(nixio[name], values[i], values[j]) end
    end
  end
  for i = 1, 12 do
    pcall(nixio.poll, values[i], 0)
    pcall(nixio.poll, { values[i] }, 0)
    pcall(nixio.poll, { { fd = values[i], events = 1 } }, 0)
  end
  t.collect()
end)

t.case("every method with every kind of value", function()
  local methods = {}
  for name, method in pairs(nixio.meta_socket) do
    if type(method) == "function" and not name:find("^__") and name ~= "close" then methods[name] = method end
  end
  for name, method in pairs(methods) do
    for i = 1, 12 do
      for _, domain in ipairs({ "inet", "unix" }) do
        local socket = t.ok(nixio.socket(domain, "dgram"))
        socket:setblocking(false)
        if name ~= "setblocking" then
          pcall(method, socket, values[i])
          pcall(method, socket, values[i], values[i], values[i], values[i])
        end
        -- A number is a path, too: it lies in the folder where this runs.
        local path = domain == "unix" and socket:getsockname()
        socket:close()
        if path and path ~= "" then os.remove(path) end
      end
    end
  end
end)

t.case("methods without an object, and on others'", function()
  for _, name in ipairs({
    "accept", "bind", "close", "connect", "fileno", "getopt", "getpeername", "getsockname", "listen", "read", "recv",
    "recvfrom", "send", "sendto", "setblocking", "setopt", "shutdown", "write",
  }) do
    local method = nixio.meta_socket[name]
    for _, bad in ipairs({ 1, "x", {}, s.ours and name ~= "fileno" and io.stdout or {} }) do
      t.raises_like(function() return method(bad, 1, 1, 1) end, "bad argument")
    end
    t.raises_like(function() return method() end, "bad argument")
  end
end)

t.case("out of descriptors: those of garbage are set free", function()
  -- The collector is stopped, so nothing but the shortage sets any free.
  local peer = t.peer_with("ulimit -n 40", [[
    collectgarbage("stop")
    local nixio = require("nixio")
    local server = assert(nixio.bind("127.0.0.1", 0))
    server:listen(50)
    local _, port = server:getsockname()
    for i = 1, 200 do
      assert(nixio.connect("127.0.0.1", port), i)
      assert(server:accept(), i)
      assert(nixio.socket("inet", "dgram"), i)
    end
    say("done")
  ]])
  t.equal(peer:line(), "done")
end)

t.case("out of descriptors", function()
  local peer = t.peer_with("ulimit -n 32", [[
    local nixio = require("nixio")
    local server = assert(nixio.bind("127.0.0.1", 0))
    server:listen(5)
    local _, port = server:getsockname()
    local kept = {}
    while true do
      local socket, code, message = nixio.socket("inet", "stream")
      if not socket then
        say(code, message)
        break
      end
      kept[#kept + 1] = socket
    end
    say((select(2, nixio.bind("127.0.0.1", 0))), (select(2, nixio.connect("127.0.0.1", port))))
    kept = nil
    collectgarbage()
    collectgarbage()
    say(nixio.connect("127.0.0.1", port) and "again")
  ]])
  t.equal(peer:line(), "24 Too many open files")
  t.equal(peer:line(), "24 24")
  t.equal(peer:line(), "again")
end)

t.case("garbage of thousands of sockets", function()
  for _ = 1, 3000 do
    t.ok(nixio.socket("inet", "stream"))
  end
  t.collect()
end)
