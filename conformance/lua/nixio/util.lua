-- nixio.util: readall, writeall, copy and their aliases; what an object is.

local t, s = ...
local nixio, const = s.nixio, s.const
local util = require("nixio.util")

t.case("its methods are those of every socket", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  for _, name in ipairs({
    "blocksource", "copy", "copyz", "is_file", "is_socket", "is_tls_socket", "linesource", "readall", "recvall",
    "sendall", "sink", "writeall",
  }) do
    t.equal(type(socket[name]), "function", name)
  end
  t.equal(socket.recvall, socket.readall)
  t.equal(socket.sendall, socket.writeall)
  -- Whoever has files puts them there, and finds the same methods.
  for name, method in pairs(nixio.meta_file) do
    if type(method) == "function" and s.ours then t.equal(method, socket[name], name) end
  end
end)

t.case("what an object is", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:is_socket())
  t.gives(false)(socket:is_file())
  t.gives(false)(socket:is_tls_socket())
  t.gives(false)(socket.is_socket({}))
  t.gives(false)(socket.is_socket(io.stdout))
end)

t.case_for({ "readall", "recvall" }, "so many bytes", function(name)
  local c, a = s.pair()
  local data = s.noise(20000)
  c:writeall(data .. "rest")
  t.gives(data, nil, nil, data)(a[name](a, 20000))
  t.gives("rest")(a:recv(10))
end)

t.case("readall: everything up to the end", function()
  local c, a = s.pair()
  local data = s.noise(30000)
  c:writeall(data)
  c:close()
  t.gives(data, nil, nil, data)(a:readall())
  t.gives("", nil, nil, "")(a:readall())
  t.gives("", nil, nil, "")(a:readall(5))
end)

t.case("readall: fewer where the stream ends, which is no error", function()
  local c, a = s.pair()
  c:send("abc")
  c:close()
  t.gives("abc", nil, nil, "abc")(a:readall(10))
end)

t.case("readall: a closed socket raises, even where nothing is asked for", function()
  local c, a = s.pair()
  a:close()
  for _, length in ipairs({ 0, 1, -1 }) do
    t.equal(pcall(a.readall, a, length), false, length)
  end
end)

t.case("readall: less than nothing is what is there, as of read", function()
  local c, a = s.pair()
  c:send("abc")
  t.gives("abc", nil, nil, "abc")(a:readall(-1))
end)

t.case("readall: an error keeps what came before", function()
  local c, a = s.pair()
  a:setblocking(false)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable", "")(a:readall(10))
  c:send("abc")
  s.await(a)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable", "abc")(a:readall(10))
  c:send("def")
  s.await(a)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable", "def")(a:readall())
end)

t.case_for({ "writeall", "sendall" }, "all of it", function(name)
  local c, a = s.pair()
  t.gives(5, nil, nil, 5)(c[name](c, "hello"))
  t.gives("hello")(a:recv(10))
  t.gives(0, nil, nil, 0)(c[name](c, ""))
end)

t.case("writeall: what is no string becomes one", function()
  local c, a = s.pair()
  t.gives(2, nil, nil, 2)(c:writeall(42))
  t.gives("42")(a:recv(10))
  local object = setmetatable({}, { __tostring = function() return "an object" end })
  t.gives(9, nil, nil, 9)(c:writeall(object))
  t.gives("an object")(a:recv(10))
end)

t.case("writeall: nil is no text", function()
  local c, peer = s.pair()
  t.raises_like(function() return c:writeall(nil) end, "bad argument")
end)

t.case("writeall: an error says how much went", function()
  local c, peer = s.pair()
  c:setblocking(false)
  local data = ("x"):rep(16 * 1024 * 1024)
  local none, code, message, sent = t.results(4, c:writeall(data))
  t.equal(none, nil)
  t.equal(code, const.EAGAIN)
  t.equal(message, "Resource temporarily unavailable")
  t.near(sent, 1, #data - 1)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable", 0)(c:writeall("x"))
end)

t.case_for({ "copy", "copyz" }, "everything from one to another", function(name)
  local from, a = s.pair()
  local b, to = s.pair()
  local data = s.noise(50000)
  from:writeall(data)
  from:close()
  t.gives(#data, nil, nil, #data)(a[name](a, b))
  b:close()
  t.gives(data, nil, nil, data)(to:readall())
end)

t.case_for({ "copy", "copyz" }, "so many bytes", function(name)
  local from, a = s.pair()
  local b, to = s.pair()
  local data = s.noise(20000)
  from:writeall(data)
  t.gives(12345, nil, nil, 12345)(a[name](a, b, 12345))
  b:close()
  t.gives(data:sub(1, 12345), nil, nil, data:sub(1, 12345))(to:readall())
  t.gives(data:sub(12346), nil, nil, data:sub(12346))(a:readall(20000 - 12345))
end)

t.case("copy: where to there must be", function()
  local c, peer = s.pair()
  t.raised(function() return c:copy() end)
  t.raised(function() return c:copy({}) end)
end)

t.case("copy: a read that fails", function()
  local from, a = s.pair()
  local b, peer = s.pair()
  from:send("abc")
  s.await(a)
  a:setblocking(false)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable", 3)(a:copy(b))
end)

t.case("copy: a write that fails", function()
  local from, a = s.pair()
  local b, to = s.pair()
  to:close()
  b:shutdown("wr")
  from:writeall("abc")
  from:close()
  t.gives(nil, const.EPIPE, "Broken pipe", 0)(a:copy(b))
end)

t.case("consume: the values of an iterator", function()
  local function count(n)
    local i = 0
    return function()
      i = i + 1
      return i <= n and i or nil
    end
  end
  t.equal(table.concat(util.consume(count(3)), " "), "1 2 3")
  local list = { 9 }
  t.equal(util.consume(count(2), list), list)
  t.equal(table.concat(list, " "), "9 1 2")
  t.equal(#t.results(1, util.consume(nil)), 0)
end)

t.case("on Unix sockets too", function()
  local c, a = s.unix_pair()
  t.gives(5, nil, nil, 5)(c:writeall("hello"))
  c:close()
  t.gives("hello", nil, nil, "hello")(a:readall())
end)
