(* Boltzmann machines of any size: a layer h between a layer v below and a layer g above,
   E = - a.v - b.h - c.g - v'W h - h'U g.  Without g it is the restricted machine. *)
Section Machine.
Variables (n m o : nat) (a b c : nat -> R) (W U : nat -> nat -> R).

Definition energy (v h g : nat -> R) : R :=
  - sum_n (fun i => a i * v i) n - sum_n (fun j => b j * h j) m - sum_n (fun k => c k * g k) o
  - sum_n (fun i => sum_n (fun j => v i * W i j * h j) m) n
  - sum_n (fun j => sum_n (fun k => h j * U j k * g k) o) m.

Definition field (v g : nat -> R) (j : nat) : R :=
  b j + sum_n (fun i => v i * W i j) n + sum_n (fun k => U j k * g k) o.

Lemma sum_added (u w : nat -> R) (l : nat) :
  sum_n (fun k => u k + w k) l = sum_n u l + sum_n w l.
Proof. exact (sum_n_plus u w l). Qed.

(* The energy is linear in h. *)
Lemma energy_of_a_layer (v h g : nat -> R) :
  energy v h g = - sum_n (fun j => h j * field v g j) m
    - sum_n (fun i => a i * v i) n - sum_n (fun k => c k * g k) o.
Proof.
  unfold energy; rewrite (sum_exchanged (fun i j => v i * W i j * h j)).
  rewrite (sum_equal (fun j => h j * field v g j) (fun j => b j * h j
    + (sum_n (fun i => v i * W i j * h j) n + sum_n (fun k => h j * U j k * g k) o))).
  - rewrite !sum_added; ring.
  - intros j; unfold field.
    rewrite (sum_equal (fun i => v i * W i j * h j) (fun i => h j * (v i * W i j)))
      by (intros; ring).
    rewrite (sum_equal (fun k => h j * U j k * g k) (fun k => h j * (U j k * g k)))
      by (intros; ring).
    rewrite !sum_scaled; ring.
Qed.

Theorem conditional_of_a_unit (v h g : nat -> R) (j : nat) :
  (j <= m)%nat ->
  let weight s := exp (- energy v (put1 h j s) g) in
  weight 1 / (weight 0 + weight 1) = sigmoid (field v g j).
Proof.
  intros Hj weight; unfold weight; rewrite two_states; f_equal.
  rewrite !energy_of_a_layer.
  rewrite (sum_changed (fun i => put1 h j 1 i * field v g i)
    (fun i => put1 h j 0 i * field v g i) m j (field v g j)).
  - ring.
  - exact Hj.
  - intros i Hi; unfold put1; apply Nat.eqb_neq in Hi; rewrite Hi; reflexivity.
  - unfold put1; rewrite Nat.eqb_refl; ring.
Qed.
End Machine.

(* The sum over all states of k + 1 binary units factorises: the free energy is a sum of softplus. *)
Fixpoint over_states (k : nat) (f : (nat -> R) -> R) (h : nat -> R) : R :=
  match k with
  | O => f (put1 h 0 0) + f (put1 h 0 1)
  | S l => over_states l f (put1 h k 0) + over_states l f (put1 h k 1)
  end.

Lemma over_states_scaled (k : nat) (s : R) (f : (nat -> R) -> R) :
  forall h, over_states k (fun h => s * f h) h = s * over_states k f h.
Proof.
  induction k as [|l IH]; intros h; simpl; [ring | rewrite !IH; ring].
Qed.

Lemma over_states_equal (k : nat) (f e : (nat -> R) -> R) :
  forall h, (forall x, (forall i, (k < i)%nat -> x i = h i) -> f x = e x) ->
  over_states k f h = over_states k e h.
Proof.
  assert (P : forall (h : nat -> R) j s i, (j < i)%nat -> put1 h j s i = h i).
  { intros h j s i Hi; unfold put1.
    assert (E : i <> j) by lia; apply Nat.eqb_neq in E; rewrite E; reflexivity. }
  induction k as [|l IH]; intros h H; simpl.
  - rewrite !H; [reflexivity | intros i Hi; apply P, Hi | intros i Hi; apply P, Hi].
  - f_equal; apply IH; intros x Hx; apply H; intros i Hi; rewrite Hx by lia; apply P, Hi.
Qed.

Theorem free_energy (phi : nat -> R) (k : nat) : forall h,
  ln (over_states k (fun h => exp (sum_n (fun j => h j * phi j) k)) h)
  = sum_n (fun j => softplus (phi j)) k.
Proof.
  assert (F : forall k h, over_states k (fun h => exp (sum_n (fun j => h j * phi j) k)) h
    = exp (sum_n (fun j => softplus (phi j)) k)).
  { assert (L : forall z, exp (softplus z) = 1 + exp z).
    { intros z; unfold softplus; pose proof (exp_pos z); apply exp_ln; lra. }
    clear k; intros k; induction k as [|l IH]; intros h.
    - simpl; rewrite !sum_O; unfold put1; simpl.
      rewrite L, Rmult_0_l, Rmult_1_l, exp_0; reflexivity.
    - assert (G : forall s, over_states l (fun h => exp (sum_n (fun j => h j * phi j) (S l)))
          (put1 h (S l) s) = exp (s * phi (S l)) * exp (sum_n (fun j => softplus (phi j)) l)).
      { intros s; rewrite <- (IH (put1 h (S l) s)), <- over_states_scaled.
        apply over_states_equal; intros x Hx; rewrite sum_next, exp_plus, Hx by lia.
        unfold put1; rewrite Nat.eqb_refl; ring. }
      change (over_states (S l) ?f h)
        with (over_states l f (put1 h (S l) 0) + over_states l f (put1 h (S l) 1)).
      rewrite !G, sum_next, exp_plus, L, Rmult_0_l, Rmult_1_l, exp_0; ring. }
  intros h; rewrite F; apply ln_exp.
Qed.
