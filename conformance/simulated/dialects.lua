-- The files of dialects.
return { "luasocket", "luasocket_select", "nixio", "sgssockets", "emilua" }
