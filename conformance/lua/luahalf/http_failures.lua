-- What goes wrong, and how it is said.

local t, s = ...
local http = require("socket.http")
local ltn12 = require("ltn12")
local socket = s.socket

t.case("nobody listens", function()
  t.gives(nil, "connection refused")(http.request("http://127.0.0.1:" .. s.dead_port() .. "/"))
end)

t.case("nobody answers", function()
  local server = s.server("SILENCE")
  http.TIMEOUT = 0.1
  local took = t.elapsed(function() t.gives(nil, "timeout")(http.request(server.url)) end)
  http.TIMEOUT = 10
  t.near(took, 0.1 - s.slack, 2)
end)

t.case("the server closes at once", function()
  t.gives(nil, "closed")(http.request(s.server("").url))
end)

t.case("a status line that is none", function()
  t.gives(nil, "HTTP/x.y foo")(http.request(s.server("HTTP/x.y foo\n\n").url))
end)

t.case("header fields that are none", function()
  for _, line in ipairs({ "no colon", ": no name", "  folded from nothing" }) do
    local _, message = http.request(s.server("HTTP/1.1 200 OK\n" .. line .. "\n\nx").url)
    t.ok(message and message:find("^malformed resp?onse headers$"), message)
  end
end)

t.case("a head that does not end", function()
  local server = s.server("HTTP/1.1 200 OK\n" .. ("X-Y: " .. ("z"):rep(60000) .. "\n"):rep(50) .. "\nx")
  local body, message = http.request(server.url)
  t.equal(body, nil)
  t.equal(message, "response headers too long")
end)

t.case("URLs that lead nowhere", function()
  for _, text in ipairs({ "", "foo://host/", "http:///path", "/path" }) do
    local body, message = http.request(text)
    t.equal(body, nil)
    t.equal(type(message), "string")
  end
end)

t.case("no host", function()
  t.fails_like("invalid host", http.request({ url = "/path" }))
end)

t.case("create that fails", function()
  local url = "http://127.0.0.1:1/"
  t.gives(nil, "no more")(http.request({ url = url, create = function() return nil, "no more" end }))
  t.gives(nil, "not now")(http.request({ url = url, create = function() return socket.try(nil, "not now") end }))
  t.raises(function() http.request({ url = url, create = function() error("a bug", 0) end }) end, "a bug")
end)

t.case("failures close the connection", function()
  for _, answer in ipairs({ "", "HTTP/1.1 200 OK\nContent-Length: 9\n\nx", "HTTP/1.1 200 OK\nbad\n\n" }) do
    local made
    t.equal(http.request({ url = s.server(answer).url, create = function()
      made = socket.tcp()
      return made
    end }), nil)
    t.equal(made:getfd(), -1)
  end
end)

t.case("an answer that comes before the body was read counts", function()
  local peer = t.peer([[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    say((select(2, server:getsockname())))
    local c = server:accept()
    repeat local line = c:receive() until line == "" or not line
    c:send("HTTP/1.1 413 Too large\r\nContent-Length: 3\r\n\r\nbig")
    c:shutdown("send")
    c:settimeout(0.2)
    c:receive("*a")
    c:close()
    server:close()
  ]])
  local port = peer:line()
  local sent = 0
  local _, code = http.request({ url = "http://127.0.0.1:" .. port .. "/", method = "PUT", source = function()
    sent = sent + 1
    socket.sleep(0.01)
    return sent < 40 and ("x"):rep(1000) or nil
  end, sink = ltn12.sink.null() })
  t.equal(code, 413)
end)

t.case("a method that is none", function()
  t.fails_like("invalid method", http.request({ url = s.server("").url, method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET" }))
end)
