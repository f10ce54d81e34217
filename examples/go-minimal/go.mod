module go-minimal

go 1.24
