-- The files of dialects.
return { "luasocket", "luasocket_select", "nixio", "osn", "sgssockets", "emilua" }
