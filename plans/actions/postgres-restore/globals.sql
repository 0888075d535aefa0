-- What a dump's around.sql holds as rows of temporary tables, made true in this server; defined here, called by
-- restore.sh. A mark is a role's comment until the database is opened: such a role was made for this move.

create function pg_temp.is_marked(role text, mark text) returns boolean language sql as $$
  select exists (select from pg_roles where rolname = role and shobj_description(oid, 'pg_authid') = mark)
$$;

-- NAME=VALUE as a clause. Lists are taken apart: anybody may have put what is no list of names into his own, and as it
-- stands it would be read as statements.
create function pg_temp.setting(config text) returns text language plpgsql as $$
declare
  name constant text := split_part(config, '=', 1);
  value text := substr(config, strpos(config, '=') + 1);
begin
  if name in ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries') then
    select string_agg(quote_literal(coalesce(replace(m[1], '""', '"'), m[2])), ', ' order by n) into value
    from regexp_matches(value, '"((?:[^"]|"")*)"|([^,[:space:]]+)', 'g') with ordinality as found(m, n);
    return format('set %I to %s', name, coalesce(value, quote_literal('')));
  end if;
  return format('set %I to %L', name, value);
end $$;

-- Those that own something, or may do something in another database, stay.
create function pg_temp.drop_roles(mark text, but text[]) returns void language plpgsql as $$
declare r record;
begin
  for r in select rolname from pg_roles where pg_temp.is_marked(rolname, mark) and rolname <> all (but) loop
    begin
      execute format('drop role %I', r.rolname);
    exception when dependent_objects_still_exist then
      raise notice 'the role % stays: other things of this server depend on it', r.rolname;
    end;
  end loop;
end $$;

-- Roles that are new here come with everything, and those that this move made before become what they are now on the
-- source; all others keep what they are here, and no membership between two of them is added.
create function pg_temp.adopt_roles(mark text) returns void language plpgsql as $$
declare r record; config text;
begin
  perform pg_advisory_xact_lock(hashtext('ararat roles'));  -- two restores may bring the same ones
  perform pg_temp.drop_roles(mark, array(select role->>'rolname' from moved_roles));
  for r in select role->>'rolname' as name, role, password from moved_roles order by 1 loop
    if not exists (select from pg_roles where rolname = r.name) then
      execute format('create role %I', r.name);
      execute format('comment on role %I is %L', r.name, mark);
    end if;
    continue when not pg_temp.is_marked(r.name, mark);
    execute format('alter role %I %s connection limit %s password %L', r.name,
      (select string_agg(case when (r.role->>key)::boolean then word else 'no' || word end, ' ')
       from (values ('rolsuper', 'superuser'), ('rolinherit', 'inherit'), ('rolcreaterole', 'createrole'),
                    ('rolcreatedb', 'createdb'), ('rolcanlogin', 'login'), ('rolreplication', 'replication'),
                    ('rolbypassrls', 'bypassrls')) words(key, word)),
      r.role->>'rolconnlimit', r.password);
    if coalesce(r.role->>'rolvaliduntil', (select rolvaliduntil::text from pg_roles where rolname = r.name)) <> '' then
      execute format('alter role %I valid until %L', r.name, coalesce(r.role->>'rolvaliduntil', 'infinity'));
    end if;
    execute format('alter role %I reset all', r.name);
    for config in select unnest(array(select jsonb_array_elements_text(nullif(r.role->'rolconfig', 'null')))) loop
      execute format('alter role %I %s', r.name, pg_temp.setting(config));
    end loop;
  end loop;
  for r in
    select g.rolname as role, m.rolname as member
    from pg_auth_members a join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member
    where pg_temp.is_marked(g.rolname, mark) or pg_temp.is_marked(m.rolname, mark)
  loop
    execute format('revoke %I from %I cascade', r.role, r.member);
  end loop;
  for r in
    select * from moved_members where pg_temp.is_marked(role, mark) or pg_temp.is_marked(member, mark)
  loop
    execute format('grant %I to %I %s', r.role, r.member, r.options);
  end loop;
end $$;

-- Owner, privileges and settings of the database itself.
create function pg_temp.adopt_database(name text) returns void language plpgsql as $$
declare d record; r record;
begin
  select * into strict d from moved_database;
  execute format('alter database %I owner to %I', name, d.owner);
  if d.has_grants then execute format('revoke all on database %I from public, %I', name, d.owner); end if;
  for r in select * from moved_grants loop
    execute format('grant %s on database %I to %s%s', r.privilege, name, coalesce(quote_ident(r.grantee), 'public'),
                   case when r.grantable then ' with grant option' else '' end);
  end loop;
  for r in select * from moved_settings loop
    execute format('alter %s %s',
                   case when r.role is null then format('database %I', name)
                        else format('role %I in database %I', r.role, name) end, pg_temp.setting(r.config));
  end loop;
end $$;
