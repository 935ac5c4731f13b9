-- Requests through a proxy.

local t, s = ...
local http = require("socket.http")

local OK = "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

t.case("the proxy is asked for the whole URL", function()
  local proxy = s.server(OK)
  local done, code = http.request({ url = "http://example.org:81/p?q", proxy = proxy.url })
  t.equal(done, 1)
  t.equal(code, 200)
  local asked = proxy:asked()
  t.equal(asked.line, "GET http://example.org:81/p?q HTTP/1.1")
  t.equal(asked.fields.host, "example.org:81")
end)

t.case("for all requests", function()
  local proxy = s.server(OK)
  http.PROXY = proxy.url
  local body = http.request("http://example.org/p")
  http.PROXY = nil
  t.equal(body, "hello")
  local asked = proxy:asked()
  t.ok(asked.line:find("^GET http://example.org[:80]*/p HTTP/1.1$"), asked.line)
  t.equal(asked.fields.host, "example.org")
end)

t.case("a proxy that wants to know who asks", function()
  local proxy = s.server(OK)
  http.request({ url = "http://example.org/", proxy = "http://u:w@127.0.0.1:" .. proxy.port })
  local asked = proxy:asked()
  t.equal(asked.fields["proxy-authorization"], "Basic dTp3")
  t.equal(asked.fields.authorization, nil)
end)

t.case("the proxy hears no password and no fragment", function()
  local proxy = s.server(OK)
  http.request({ url = "http://u:w@example.org/p#f", proxy = proxy.url })
  local asked = proxy:asked()
  t.equal(asked.line:find("[@#]"), nil)
  t.equal(asked.fields.authorization, "Basic dTp3")
end)
