--- socket.ftp, LuaSocket's own or ours, against servers/ftp.lua, a second process on this library: downloads and uploads, compared.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local SIZE = 3 * 1024 * 1024 + 17

app.run(function()
    local socket, ltn12, ftp = require("socket"), require("ltn12"), require("socket.ftp")
    ftp.TIMEOUT = 10
    local folder = app.path("files")
    app.execute({ "mkdir", folder })
    local server = app.serve("ftp.lua", folder)
    local url = "ftp://lua:moon@127.0.0.1:" .. server.port

    app.case("get, string form", function()
        app.write(folder .. "/small", "a\r\nb\0\n")
        app.equal(app.ok(ftp.get(url .. "/small;type=i")), "a\r\nb\0\n")
    end)

    app.case("get of 3 MB into a file, same checksum", function()
        local source, target = app.random_file("files/large", SIZE), app.path("large")
        app.equal(app.ok(ftp.get({
            host = "127.0.0.1", port = server.port, user = "lua", password = "moon",
            path = "/large", type = "i", sink = ltn12.sink.file(io.open(target, "wb")),
        })), 1)
        app.equal(app.sha256(target), app.sha256(source))
    end)

    app.case("put, string form", function()
        local data = "what is put\r\n" .. ("\0\1\2\255"):rep(1000)
        app.equal(app.ok(ftp.put(url .. "/text;type=i", data)), #data)
        app.equal(app.read(folder .. "/text"), data)
    end)

    app.case("put of 3 MB from a file, same checksum", function()
        local source = app.random_file("upload", SIZE)
        app.equal(app.ok(ftp.put({
            host = "127.0.0.1", port = server.port, user = "lua", password = "moon",
            path = "/stored", type = "i", source = ltn12.source.file(io.open(source, "rb")),
        })), SIZE)
        app.equal(app.sha256(folder .. "/stored"), app.sha256(source))
    end)

    app.case("an empty file", function()
        app.equal(app.ok(ftp.put(url .. "/empty;type=i", "")), 0)
        app.equal(app.read(folder .. "/empty"), "")
        app.equal(app.ok(ftp.get(url .. "/empty;type=i")), "")
    end)

    app.case("no such file", function()
        local result, message = ftp.get(url .. "/missing;type=i")
        app.equal(result, nil)
        app.equal(message, "550 no such file")
    end)

    app.case("wrong password", function()
        local result, message = ftp.get("ftp://lua:sun@127.0.0.1:" .. server.port .. "/small")
        app.equal(result, nil)
        app.equal(message, "530 wrong password")
    end)

    app.case("connection refused", function()
        server:stop()
        local result, message = ftp.get(url .. "/small")
        app.equal(result, nil)
        app.equal(message, "connection refused")
    end)
end)
