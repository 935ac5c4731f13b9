-- Connections that stay open: an addition.

local t, s = ...
local http = require("socket.http")
local socket = s.socket

local function answer(body, fields)
  return "HTTP/1.1 200 OK\n" .. (fields or "") .. "Content-Length: " .. #body .. "\n\n" .. body
end

local function body_of(request)
  local parts = {}
  request.sink = require("ltn12").sink.table(parts)
  local done, code = http.request(request)
  return done and table.concat(parts), code
end

-- All requests of a list over one pool; the server is given what each connection answers.
local function bodies(server, pool, count, more)
  local got = {}
  for i = 1, count do
    local request = { url = server.url .. "/" .. i, pool = pool }
    for name, value in pairs(more or {}) do request[name] = value end
    got[i] = body_of(request)
  end
  return table.concat(got, " ")
end

t.case("requests share a connection", function()
  local server = s.server({ answer("a"), answer("b"), "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nc\n0\n\n",
    "HTTP/1.1 204 x\n\n", answer("d") })
  local pool = http.pool()
  t.equal(bodies(server, pool, 5), "a b c  d")
  pool:close()
  local asked = server:asked()
  t.equal(asked.fields.connection, "keep-alive")
  t.equal(asked.fields.te, nil)
end)

t.case("without a pool none is kept", function()
  local server = s.server(answer("a"), answer("b"))
  t.equal(bodies(server, nil, 2), "a b")
end)

t.case("a server that wants to close is let go", function()
  local wrong = answer("wrong")
  local server = s.server({ answer("a", "Connection: foo, Close\n"), wrong },
    { "HTTP/1.0 200 OK\nContent-Length: 1\n\nb", wrong }, "HTTP/1.1 200 OK\n\nc", answer("d"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 3), "a b c")
  t.equal(bodies(server, pool, 1, { method = "POST" }), "d")
  pool:close()
end)

t.case("HTTP/1.0 may stay too, if it says so", function()
  local server = s.server({ "HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 1\n\na", answer("b") })
  local pool = http.pool()
  t.equal(bodies(server, pool, 2), "a b")
  pool:close()
end)

t.case("a connection that was closed meanwhile is replaced", function()
  local server = s.server(answer("a"), answer("b"), answer("c"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 3), "a b c")
  pool:close()
end)

t.case("a connection that is closed when the request comes: once more on a new one", function()
  local server = s.server({ answer("a"), "" }, answer("b"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 2), "a b")
  pool:close()
end)

t.case("what must not be repeated is not", function()
  local server = s.server({ answer("a"), "" }, answer("b"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 1), "a")
  t.gives(nil, "closed")(body_of({ url = server.url, pool = pool, method = "POST" }))
  t.equal(bodies(server, pool, 1), "b")
  pool:close()
end)

t.case("an answer that breaks off is no reason to ask again", function()
  local server = s.server({ answer("a"), "HTTP/1.1 200 OK\nContent-" }, answer("b"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 1), "a")
  t.gives(nil, "closed")(body_of({ url = server.url, pool = pool }))
  t.equal(bodies(server, pool, 1), "b")
  pool:close()
end)

t.case("what comes unasked ends a connection", function()
  local server = s.server(answer("a") .. "HTTP/1.1 200 OK\nContent-Length: 4\n\nevil", answer("b"))
  local pool = http.pool()
  t.equal(bodies(server, pool, 2), "a b")
  pool:close()
end)

t.case("bodies go over a kept connection", function()
  local server = s.server({ answer("a"), answer("b"), answer("c") })
  local pool = http.pool()
  for i = 1, 3 do
    t.ok(body_of({ url = server.url, pool = pool, method = "PUT", source = s.chunks("body " .. i) }))
  end
  pool:close()
  for i = 1, 3 do t.equal(server:asked().body, "6\nbody " .. i .. "\n0\n") end
end)

t.case("a redirect's connection is kept", function()
  local server = s.server({ "HTTP/1.1 302 x\nLocation: /b\nContent-Length: 4\n\ngone", answer("b") })
  local pool = http.pool()
  t.equal(bodies(server, pool, 1), "b")
  pool:close()
end)

t.case("each server has its own", function()
  local one, other = s.server({ answer("a"), answer("b") }), s.server({ answer("c"), answer("d") })
  local pool = http.pool()
  t.equal(bodies(one, pool, 1) .. bodies(other, pool, 1) .. bodies(one, pool, 1) .. bodies(other, pool, 1), "acbd")
  pool:close()
end)

t.case("each create, and each way of TLS, has its own", function()
  local pool = http.pool()
  local a, b = s.pair()
  local connection = { c = a, close = function() a:close() end }
  local function request(fields)
    local made = { scheme = "https", host = "h", port = 1, create = socket.tcp, verify = { "peer" } }
    for name, value in pairs(fields or {}) do made[name] = value end
    return made
  end
  pool:put(request(), connection)
  t.equal(pool:take(request({ create = socket.udp })), nil)
  t.equal(pool:take(request({ verify = "none" })), nil)
  t.equal(pool:take(request({ certificates = { { certificate = "other.pem", key = "other.key" } } })), nil)
  t.equal(pool:take(request({ curveslist = "P-256" })), nil)
  t.equal(pool:take(request({ host = "other" })), nil)
  t.equal(pool:take(request({ port = 2 })), nil)
  t.equal(pool:take(request({ through = { host = "proxy", port = 1 } })), nil)
  t.equal(pool:take(request()), connection)
  t.equal(pool:take(request()), nil)
  a:close()
  b:close()
end)

t.case("no longer than it was told, and no more", function()
  local server = s.server(answer("a"), answer("b"))
  local pool = http.pool({ seconds = 0 })
  t.equal(bodies(server, pool, 2), "a b")
  pool:close()
  server = s.server(answer("a"), answer("b"))
  pool = http.pool({ size = 0 })
  t.equal(bodies(server, pool, 2), "a b")
end)
