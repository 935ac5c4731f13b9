-- Threads and descriptors of name lookups.

local t, s = ...
local socket = s.socket

local function threads()
  local file = assert(io.open("/proc/self/status"))
  local count = tonumber(file:read("*a"):match("Threads:%s*(%d+)"))
  file:close()
  return count
end

t.case("ten thousand numeric names cost no thread and no descriptor", function()
  local server, port = s.listener()
  local before, before_threads = t.descriptors(), threads()
  for i = 1, 10000 do
    socket.dns.getaddrinfo(i % 2 == 0 and "127.0.0.1" or "::1")
    if i % 100 == 0 then
      local c = t.ok(socket.connect("127.0.0.1", port))
      t.ok(server:accept()):close()
      c:close()
    end
  end
  t.collect()
  t.no_more_descriptors(before)
  t.near(threads() - before_threads, -20, 1)
end)

t.case("fifty lookups of localhost, one after another", function()
  t.ok(socket.dns.toip("localhost"))
  local before = t.descriptors()
  for _ = 1, 50 do t.ok(socket.dns.toip("localhost")) end
  t.no_more_descriptors(before)
  t.near(threads(), 1, 17)
end)

t.case("lookups that are given up", function()
  local before, port = t.descriptors(), s.dead_port()
  for _ = 1, 50 do
    local c = socket.tcp()
    c:settimeout(0.000001)
    local ok, err = c:connect("localhost", port)
    t.equal(ok, nil)
    t.equal(type(err), "string")
    c:close()
  end
  t.near(threads(), 1, 17)
  t.ok(socket.dns.toip("localhost"))
  t.collect()
  t.no_more_descriptors(before)
end)

t.case("no descriptor is left for the wake-up", function()
  local peer = t.peer_with("ulimit -n 20", [[
    local socket = require("socket")
    local keep = {}
    while true do
      local file = io.open("/dev/null")
      if not file then break end
      keep[#keep + 1] = file
    end
    -- The resolver itself has none for its files, and words of its own for that.
    local ip, err = socket.dns.toip("localhost")
    say("toip", ip == nil, type(err))
    local name
    name, err = socket.dns.tohostname("127.0.0.1")
    say("tohostname", name == nil, type(err))
    local list
    list, err = socket.dns.getaddrinfo("localhost")
    say("getaddrinfo", list == nil, err)
    local c = socket.tcp()
    c:settimeout(1)
    say("connect", (select(2, c:connect("a..b", 80))))
    local r, w, none = socket.select(nil, nil, 0.01)
    say("select", none)
    socket.sleep(0.001)
    for _, file in ipairs(keep) do file:close() end
    say("later", (socket.dns.toip("localhost")) ~= nil)
  ]])
  t.equal(peer:line(), "toip true string")
  t.equal(peer:line(), "tohostname true string")
  t.equal(peer:line(), "getaddrinfo true Too many open files")
  t.equal(peer:line(), "connect Too many open files")
  t.equal(peer:line(), "select timeout")
  t.equal(peer:line(), "later true")
end)
