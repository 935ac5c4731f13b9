--- socket.http, LuaSocket's own or ours, against a real nginx, with ltn12 on both sides.
-- Bodies are checked byte by byte: nginx passes a POST on to servers/http_echo.lua, a second process on this library.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")
local compare = dofile(app.dir .. "/calls.lua")
local start_nginx = dofile(app.dir .. "/nginx.lua")
local socket, http, ltn12 -- required inside app.run, which reports a module that does not load
local page = "The page,\nsecond line\r\nand \0 a NUL.\n"

local DOWNLOAD_SIZE = 50 * 1024 * 1024

local locations = [[
        location /page      { add_header X-Proof "one two"; }
        location = /moved   { return 301 /page; }
        location = /loop    { return 302 /loop; }
        location = /post    { if ($request_method != POST) { return 405; } return 200 "posted $content_length"; }
        location = /private { auth_basic "private"; auth_basic_user_file @AUTH@; }
        location /echo      { proxy_pass http://127.0.0.1:@ECHO@; proxy_http_version 1.0; }
]]

local function ipv6_loopback()
    local server = socket.tcp6 and socket.tcp6()
    local works = server and server:bind("::1", 0) == 1
    if server then server:close() end
    return works
end

--- Every byte value, and no two 256-byte blocks alike.
local function binary(size)
    local parts, bytes = {}, {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local alphabet = table.concat(bytes)
    for i = 1, math.ceil(size / 256) do parts[i] = string.format("%08d", i) .. alphabet:sub(9) end
    return table.concat(parts):sub(1, size)
end

--- http.request in its table form, with the body in a table; returns body, code, headers, status, first result.
local function request(reqt)
    local parts = {}
    reqt.sink = ltn12.sink.table(parts)
    local result, code, headers, status = http.request(reqt)
    return table.concat(parts), code, headers, status, result
end

--- What comes back, and how it is reported.
local function gets(nginx, has_ipv6)
    app.case("GET, string form", function()
        local body, code, headers, status = http.request(nginx.url .. "/page")
        app.equal(body, page)
        app.equal(code, 200)
        app.equal(status, "HTTP/1.1 200 OK")
        app.equal(headers["content-length"], tostring(#page))
        app.equal(headers["x-proof"], "one two")
        app.ok(headers.server:match("^nginx"), headers.server)
    end)

    app.case("GET, table form", function()
        local body, code, _, status, result = request({ url = nginx.url .. "/page" })
        app.equal(result, 1)
        app.equal(body, page)
        app.equal(code, 200)
        app.equal(status, "HTTP/1.1 200 OK")
    end)

    app.case("GET by parts, with a host name", function()
        local body, code = request({ scheme = "http", host = "localhost", port = nginx.port, path = "/page" })
        app.equal(code, 200)
        app.equal(body, page)
    end)

    app.case("GET over IPv6", function()
        if not has_ipv6 then app.skip("no IPv6 loopback") end
        -- The header because socket.http leaves out the brackets, which nginx (rightly) answers with 400.
        local body, code = request({
            url = "http://[::1]:" .. nginx.port .. "/page",
            headers = { host = "[::1]:" .. nginx.port },
        })
        app.equal(code, 200)
        app.equal(body, page)
    end)

    app.case("GET of a range", function()
        local body, code, headers = request({ url = nginx.url .. "/page", headers = { range = "bytes=4-7" } })
        app.equal(code, 206)
        app.equal(body, "page")
        app.equal(headers["content-range"], "bytes 4-7/" .. #page)
    end)

    app.case("HEAD", function()
        local body, code, headers, _, result = request({ url = nginx.url .. "/page", method = "HEAD" })
        app.equal(result, 1)
        app.equal(code, 200)
        app.equal(body, "")
        app.equal(headers["content-length"], tostring(#page))
    end)

    app.case("404", function()
        local body, code, headers, status = http.request(nginx.url .. "/nothing-here")
        app.equal(code, 404)
        app.equal(status, "HTTP/1.1 404 Not Found")
        app.equal(#body, tonumber(headers["content-length"]))
        app.ok(body:find("404 Not Found", 1, true), body)
    end)

    app.case("basic authentication", function()
        local _, refused = http.request(nginx.url .. "/private")
        app.equal(refused, 401)
        local body, code = http.request((nginx.url:gsub("//", "//lua:moon@", 1)) .. "/private")
        app.equal(code, 200)
        app.equal(body, "for your eyes only")
    end)
end

--- What goes out, compared with what the other side got.
local function posts(nginx)
    app.case("POST, string form", function()
        local body, code = http.request(nginx.url .. "/post", "a=1&b=2")
        app.equal(code, 200)
        app.equal(body, "posted 7")
    end)

    app.case("POST of 1 MB comes back byte by byte, chunked", function()
        local sent = binary(1024 * 1024 + 1)
        local body, code, headers = request({
            url = nginx.url .. "/echo/here",
            method = "POST",
            source = ltn12.source.string(sent),
            headers = { ["content-length"] = #sent },
        })
        app.equal(code, 200)
        app.equal(headers["transfer-encoding"], "chunked")
        app.equal(headers["content-length"], nil)
        app.equal(headers["x-method"], "POST")
        app.equal(headers["x-path"], "/echo/here")
        app.equal(body, sent)
    end)

    app.case("POST with a chunked request body", function()
        local parts = { "first ", "second ", binary(70000), " last" }
        local i = 0
        local function source()
            i = i + 1
            return parts[i]
        end
        local body, code, headers = request({ url = nginx.url .. "/echo", method = "POST", source = source })
        app.equal(code, 200)
        app.equal(headers["x-method"], "POST")
        app.equal(body, table.concat(parts))
    end)

    app.case("a file as source", function()
        local path = app.random_file("upload", 300000)
        local body, code = request({
            url = nginx.url .. "/echo",
            method = "PUT",
            source = ltn12.source.file(io.open(path, "rb")),
            headers = { ["content-length"] = 300000 },
        })
        app.equal(code, 200)
        app.equal(body, app.read(path))
    end)
end

local function redirects(nginx)
    app.case("a redirect is followed", function()
        local body, code, headers = http.request(nginx.url .. "/moved")
        app.equal(code, 200)
        app.equal(body, page)
        app.equal(headers.location, nginx.url .. "/page")
    end)

    app.case("a redirect is not followed with redirect=false", function()
        local body, code, headers, status = request({ url = nginx.url .. "/moved", redirect = false })
        app.equal(code, 301)
        app.equal(status, "HTTP/1.1 301 Moved Permanently")
        app.equal(headers.location, nginx.url .. "/page")
        app.equal(#body, tonumber(headers["content-length"]))
    end)

    app.case("a redirect to itself ends", function()
        local _, code = request({ url = nginx.url .. "/loop" })
        app.equal(code, 302)
    end)
end

local function transfers(nginx)
    app.case("50 MB into a file, same checksum", function()
        local source = app.random_file("nginx/root/large", DOWNLOAD_SIZE)
        local target = app.path("received")
        local result, code, headers = http.request({
            url = nginx.url .. "/large",
            sink = ltn12.sink.file(io.open(target, "wb")),
        })
        app.equal(result, 1, code)
        app.equal(code, 200)
        app.equal(headers["content-length"], string.format("%d", DOWNLOAD_SIZE))
        app.equal(app.sha256(target), app.sha256(source))
    end)

    app.case("connections are closed again", function()
        for i = 1, 20 do
            local created
            app.equal(select(2, http.request({
                url = nginx.url .. "/page",
                create = function()
                    created = assert(socket.tcp())
                    return created
                end,
            })), 200)
            app.equal(created:getfd(), -1, "descriptor after request " .. i)
        end
    end)
end

local function failures(nginx)
    app.case("a server that never answers: timeout", function()
        local silent = assert(socket.bind("127.0.0.1", 0))
        local _, port = silent:getsockname()
        http.TIMEOUT = 0.3
        local start = socket.gettime()
        local result, message = http.request("http://127.0.0.1:" .. port .. "/")
        local elapsed = socket.gettime() - start
        http.TIMEOUT = 10
        silent:close()
        app.equal(result, nil)
        app.equal(message, "timeout")
        -- LuaSocket truncates to milliseconds and may be early by less than two.
        app.ok(elapsed > 0.298 and elapsed < 1.5, elapsed .. " s")
    end)

    app.case("connection refused", function()
        local result, message = http.request("http://127.0.0.1:" .. app.free_port() .. "/")
        app.equal(result, nil)
        app.equal(message, "connection refused")
    end)

    app.case("a stopped server refuses", function()
        nginx:stop()
        local result, message = http.request(nginx.url .. "/page")
        app.equal(result, nil)
        app.equal(message, "connection refused")
    end)
end

app.run(function()
    socket, http, ltn12 = require("socket"), require("socket.http"), require("ltn12")
    http.TIMEOUT = 10
    local has_ipv6 = ipv6_loopback()
    local echo = app.serve("http_echo.lua")
    local auth = app.write(app.path("users"), "lua:{PLAIN}moon\n")
    local nginx = start_nginx(app, {
        ipv6 = has_ipv6,
        locations = locations:gsub("@(%u+)@", { ECHO = echo.port, AUTH = auth }),
    })
    app.write(nginx.root .. "/page", page)
    app.write(nginx.root .. "/private", "for your eyes only")
    gets(nginx, has_ipv6)
    posts(nginx)
    redirects(nginx)
    transfers(nginx)
    compare(app, "http", nginx.url, "http://127.0.0.1:" .. app.free_port() .. "/")
    failures(nginx)
end)
