-- Unix sockets: streams and datagrams, and their paths.

local t, s = ...
local osn = s.osn

--- A path where nothing is yet; removed when the case is over.
local path = t.path

local function mode(name) return (t.shell("stat -c %a " .. t.quote(name)):gsub("%s", "")) end

t.case("a stream", function()
  local at = path()
  local server = t.ok(osn.serve({ usock = at }))
  local c = t.ok(osn.connect({ usock = at }))
  local a = t.ok(server:accept())
  t.gives(5)(c:send("hello"))
  t.gives("hello")(a:receive(10))
  t.gives(at)(c:getpeername())
  t.gives(at)(server:getsockname())
  t.equal(tostring(server), "osn listen socket (unix:" .. at .. ")")
  a:close()
  t.gives(nil, "closed")(c:receive(10))
end)

t.case("spellings of the family", function()
  for _, family in ipairs({ "unix", "local" }) do
    local at = path()
    local server = t.ok(osn.serve({ usock = at, family = family }))
    t.ok(osn.connect({ usock = at, family = family })):close()
    server:close()
  end
  s.refused(osn.serve({ usock = path(), family = "inet" }))
  s.refused(osn.serve({ port = "0", family = "unix" }))
  s.refused(osn.serve({ usock = "" }))
end)

t.case("remove_socket_before_start", function()
  local at = path()
  t.ok(osn.serve({ usock = at })):close()
  t.gives(nil, "Address already in use", 98)(osn.serve({ usock = at }))
  local server = t.ok(osn.serve({ usock = at, remove_socket_before_start = true }))
  t.ok(osn.connect({ usock = at })):close()
  server:close()
  -- Where there is none, there is nothing to remove.
  t.ok(osn.serve({ usock = path(), remove_socket_before_start = true })):close()
end)

t.case("a file is not removed", function()
  local at = t.scratch("precious")
  t.gives(nil, "Address already in use", 98)(osn.serve({ usock = at, remove_socket_before_start = true }))
  local file = t.ok(io.open(at, "r"))
  t.equal(file:read("*a"), "precious")
  file:close()
end)

t.case("socket_mode", function()
  for _, wanted in ipairs({ "600", "0660", "620", "0" }) do
    for _, protocol in ipairs({ "tcp", "udp" }) do
      local at = path()
      local server = t.ok(osn.serve({ usock = at, socket_mode = wanted, protocol = protocol }))
      t.equal(mode(at), (wanted:gsub("^0+(.)", "%1")))
      server:close()
    end
  end
  for _, bad in ipairs({ "", "rw", "888", "-1", "+6", "99999", " 600" }) do
    t.gives(nil, "socket_mode: octal digits expected")(osn.serve({ usock = path(), socket_mode = bad }))
  end
end)

t.case("paths that cannot be", function()
  t.gives(nil, "No such file or directory", 2)(osn.connect({ usock = path() }))
  t.gives(nil, "No such file or directory", 2)(osn.serve({ usock = "/no/such/folder/socket" }))
  t.gives(nil, "File name too long", 36)(osn.serve({ usock = "/tmp/" .. ("x"):rep(200) }))
  s.refused(osn.serve({ usock = "/tmp/a\0b" }))
  local at = path()
  t.ok(osn.serve({ usock = at })):close()
  t.gives(nil, "Connection refused", 111)(osn.connect({ usock = at }))
end)

t.case("abstract names", function()
  local at = "\0osn " .. path()
  local server = t.ok(osn.serve({ usock = at, socket_mode = "600", remove_socket_before_start = true }))
  t.gives(at)(t.ok(osn.connect({ usock = at })):getpeername())
  server:close()
end)

t.case("datagrams with a path of their own, which the server answers to", function()
  local at, own, second = path(), path(), path()
  local server = t.ok(osn.serve({ usock = at, protocol = "udp" }))
  local c = t.ok(osn.connect({ usock = at, protocol = "udp" }, { usock = own, socket_mode = "640" }))
  local d = t.ok(osn.connect({ usock = at, protocol = "udp" }, { usock = second }))
  t.equal(mode(own), "640")
  t.gives(1)(c:send("c"))
  t.gives(1)(d:send("d"))
  for _ = 1, 2 do
    local data, from = t.results(2, server:receive(10))
    t.equal(from.usock, data == "c" and own or second)
    t.equal(from.ip, nil)
    t.equal(tostring(from), "unix:" .. from.usock)
    t.gives(2)(server:send(data .. "!", from))
  end
  local data, from = t.results(2, d:receive(10))
  t.equal(data, "d!")
  t.equal(from.usock, at)
  t.gives("c!")((c:receive(10)))
  t.gives(4)(server:send("more", { usock = own }))
  t.gives("more")((c:receive(10)))
end)

t.case("an own path that is taken", function()
  local at, own = path(), path()
  local server = t.ok(osn.serve({ usock = at, protocol = "udp" }))
  t.ok(osn.connect({ usock = at, protocol = "udp" }, { usock = own })):close()
  t.gives(nil, "Address already in use", 98)(osn.connect({ usock = at, protocol = "udp" }, { usock = own }))
  local c = t.ok(osn.connect({ usock = at, protocol = "udp" }, { usock = own, remove_socket_before_start = true }))
  c:send("x")
  t.equal((select(2, server:receive(10))).usock, own)
end)

t.case("an own path goes with a connect that fails", function()
  local own = path()
  t.gives(nil, "No such file or directory", 2)(osn.connect({ usock = path(), protocol = "udp" }, { usock = own }))
  t.equal(t.shell("ls " .. t.quote(own) .. " 2>&1; echo $?"):match("%d+%s*$"), "2\n")
  t.ok(osn.serve({ usock = own, protocol = "udp" }))
  -- One that it did not make stays.
  t.gives(nil, "Address already in use", 98)(osn.connect({ usock = path(), protocol = "udp" }, { usock = own }))
  t.ok(mode(own):find("^%d+$"))
end)

t.case("an own path is for udp and usock alone", function()
  local at = path()
  local server = t.ok(osn.serve({ usock = at }))
  s.refused(osn.connect({ usock = at }, { usock = path() }))
  s.refused(osn.connect({ ip = "127.0.0.1", port = "9", protocol = "udp" }, { usock = path() }))
  t.gives(nil, "usock must be set")(osn.connect({ usock = at, protocol = "udp" }, {}))
  t.raises_like(function() osn.connect({ usock = at, protocol = "udp" }, "x") end, "table expected")
  server:close()
end)

t.case("a sender without a path has no address", function()
  local at = path()
  local server = t.ok(osn.serve({ usock = at, protocol = "udp" }))
  t.gives(9)(t.ok(osn.connect({ usock = at, protocol = "udp" })):send("anonymous"))
  t.gives("anonymous", nil)(server:receive(10))
  local c = t.ok(osn.udp_socket({ usock = at }))
  t.gives(4)(c:send("sent", { usock = at }))
  t.gives("sent", nil)(server:receive(10))
end)
