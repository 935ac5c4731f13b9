-- select over things that are not this library's sockets.

local t, s = ...
local socket = s.socket

local function wrapped(c, extra)
  local object = { getfd = function() return c:getfd() end }
  for k, v in pairs(extra or {}) do object[k] = v end
  return object
end

t.case("a table with getfd", function()
  local c, peer = s.pair()
  local object = wrapped(c)
  local r, w, err = t.results(3, socket.select({ object }, nil, 0))
  t.equal(#r + #w, 0)
  t.equal(err, "timeout")
  peer:send("x")
  s.await(c)
  r = t.results(2, socket.select({ object }, nil, 0))
  t.equal(r[1], object)
  t.equal(r[object], 1)
  _, w = t.results(2, socket.select(nil, { object }, 0))
  t.equal(w[1], object)
end)

t.case("getfd is called with the object", function()
  local c, peer = s.pair()
  local seen
  local object = { fd = c:getfd(), getfd = function(self) seen = self return self.fd end }
  local _, w = socket.select(nil, { object }, 0)
  t.equal(w[1], object)
  t.equal(seen, object)
  peer:close()
end)

t.case("getfd and dirty through a metatable", function()
  local c, peer = s.pair()
  local object = setmetatable({}, { __index = { getfd = function() return c:getfd() end } })
  local _, w = socket.select(nil, { object }, 0)
  t.equal(w[object], 1)
  peer:close()
end)

t.case("getfd may answer with a numeric string", function()
  local c, peer = s.pair()
  local object = { getfd = function() return tostring(math.floor(c:getfd())):gsub("%.0$", "") end }
  local _, w = socket.select(nil, { object }, 0)
  t.equal(w[1], object)
  peer:close()
end)

t.case("getfd that answers with no descriptor is passed over", function()
  for _, answer in ipairs({ -1, -7, false, "x", {} }) do
    local object = { getfd = function() return answer end }
    local r, w, err = t.results(3, socket.select({ object }, { object }, 0))
    t.equal(#r + #w, 0)
    t.equal(err, "timeout")
  end
  local none = { getfd = function() end }
  t.results(3, socket.select({ none }, nil, 0))
end)

t.case("tables and strings without getfd are passed over", function()
  local c, peer = s.pair()
  local r, w = t.results(2, socket.select({ {}, "str" }, { {}, "str", c }, 0))
  t.equal(#r, 0)
  t.equal(#w, 1)
  t.equal(w[1], c)
  t.equal(w[c], 1)
  peer:close()
end)

t.case("numbers and booleans in a list raise", function()
  t.raises_like(function() local r = socket.select({ 1 }, nil, 0) return r, 1 end,
    "attempt to index a number value")
  t.raises_like(function() local r = socket.select(nil, { true }, 0) return r, 1 end,
    "attempt to index a boolean value")
end)

t.case("a getfd that is no function raises", function()
  t.raises_like(function() local r = socket.select({ { getfd = 1 } }, nil, 0) return r, 1 end,
    "attempt to call a number value")
end)

t.case("errors inside getfd and dirty pass through", function()
  local c, peer = s.pair()
  local thing = {}
  t.equal(t.raised(function() return socket.select({ { getfd = function() error(thing) end } }, nil, 0) end),
    thing)
  local object = wrapped(c, { dirty = function() error(thing) end })
  t.equal(t.raised(function() return socket.select({ object }, nil, 0) end), thing)
  peer:close()
end)

t.case("a dirty foreign object is readable at once", function()
  local c, peer = s.pair()
  local object = wrapped(c, { dirty = function() return true end })
  local took = t.elapsed(function()
    local r = t.results(2, socket.select({ object }, nil, 5))
    t.equal(r[1], object)
    t.equal(r[object], 1)
  end)
  t.near(took, 0, 3)
  peer:close()
end)

t.case("a foreign object that is not dirty", function()
  local c, peer = s.pair()
  for _, answer in ipairs({ false, 0 }) do
    local object = wrapped(c, { dirty = function() return answer or nil end })
    local r = socket.select({ object }, nil, 0)
    t.equal(#r, answer and 1 or 0)
  end
  peer:close()
end)

t.case("dirty is asked of readers only", function()
  local c, peer = s.pair()
  local asked = 0
  local object = wrapped(c, { dirty = function() asked = asked + 1 return false end })
  socket.select(nil, { object }, 0)
  t.equal(asked, 0)
  socket.select({ object }, nil, 0)
  t.equal(asked, 1)
  peer:close()
end)

t.case("the list ends at the first nil", function()
  local c, peer = s.pair()
  local _, w = socket.select(nil, { [1] = c, [3] = peer }, 0)
  t.equal(#w, 1)
  t.equal(w[1], c)
end)

t.case("a list behind __index", function()
  local c, peer = s.pair()
  local list = setmetatable({}, { __index = function(_, i) return ({ c, peer })[i] end })
  local _, w = socket.select(nil, list, 0)
  t.equal(#w, 2)
end)

t.case("two objects with one descriptor: the last is reported", function()
  local c, peer = s.pair()
  local object = wrapped(c)
  local _, w = socket.select(nil, { c, object }, 0)
  t.equal(#w, 1)
  t.equal(w[1], object)
  _, w = socket.select(nil, { object, c }, 0)
  t.equal(#w, 1)
  t.equal(w[1], c)
  peer:close()
end)

t.case("each list has its own object for a descriptor that both have", function()
  local c, peer = s.pair()
  local object = wrapped(c)
  peer:send("x")
  s.await(c)
  local r, w = socket.select({ c }, { object }, 0)
  t.equal(r[1], c)
  t.equal(w[1], object)
end)

t.case("sinks and sources can be waited for", function()
  local c, peer = s.pair()
  local sink, source = socket.sink("keep-open", c), socket.source("by-length", c, 1)
  peer:send("x")
  s.await(c)
  local r = t.results(2, socket.select({ source }, nil, 0))
  t.equal(r[1], source)
  t.equal(r[source], 1)
  local _, w = t.results(2, socket.select(nil, { sink }, 0))
  t.equal(w[1], sink)
  t.equal(w[sink], 1)
end)

t.case("sinks and sources tell descriptor and dirt of their socket", function()
  local c, peer = s.pair()
  local sink, source = socket.sink("close-when-done", c), socket.source("until-closed", c)
  t.equal(sink:getfd(), c:getfd())
  t.equal(source:getfd(), c:getfd())
  t.equal(source:dirty(), false)
  peer:send("a\nb\n")
  s.await(c)
  c:receive()
  t.equal(source:dirty(), true)
  t.equal(sink:dirty(), true)
  peer:close()
end)

t.case("udp objects mix with tcp objects", function()
  local c, peer = s.pair()
  local udp = assert(socket.udp4())
  assert(udp:setsockname("127.0.0.1", 0))
  local _, port = udp:getsockname()
  local out = socket.udp4()
  out:sendto("x", "127.0.0.1", tonumber(port))
  peer:send("y")
  s.await(c)
  s.await(udp)
  local r = socket.select({ c, udp }, nil, s.patience)
  t.equal(#r, 2)
  t.ok(r[c] and r[udp])
end)

t.case("a number that is no open descriptor neither hangs nor crashes", function()
  local object = { getfd = function() return 900 end }
  local took = t.elapsed(function()
    local ok, r = pcall(socket.select, { object }, nil, 0.1)
    if ok then
      t.equal(type(r), "table")
    else
      t.ok(r:find("select failed", 1, true), r)
    end
  end)
  t.near(took, 0, 3)
end)

t.case("a descriptor closed behind its object's back", function()
  local c, peer = s.pair()
  local twin = socket.tcp()
  twin:setfd(c:getfd())
  c:close()
  local ok, r = pcall(socket.select, { twin, peer }, nil, 0.1)
  if ok then
    t.equal(r[peer] ~= nil, true)
  else
    t.ok(r:find("select failed", 1, true), r)
  end
  twin:setfd(-1)
end)

t.case("descriptors above 1023 work", function()
  local peer = t.peer_with("ulimit -n 1500 2>/dev/null || echo SKIP", [[
    local socket = require("socket")
    local keep = {}
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    for i = 1, 1100 do
      local c, err = socket.tcp4()
      if not c then say("SKIP " .. err) return end
      keep[i] = c
    end
    local c = socket.tcp4()
    assert(c:connect("127.0.0.1", tonumber(port)))
    if c:getfd() < 1024 then say("SKIP low") return end
    local ok, r, w = pcall(socket.select, { server, c }, { c }, 1)
    say(ok and #r == 1 and r[server] == 1 and w[c] == 1 or tostring(r))
  ]])
  local line = peer:line()
  if line:find("^SKIP") then t.skip("cannot open 1100 descriptors: " .. line) end
  t.equal(line, "true")
end)
