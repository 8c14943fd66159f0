(* Backpropagation through dense layers, for every depth and every width. *)

Lemma is_derive_scaled (f : R -> R) (t a l : R) :
  is_derive f t l -> is_derive (fun t => a * f t) t (a * l).
Proof. exact (is_derive_scal f t a l). Qed.

Lemma is_derive_inside (g f : R -> R) (t dg df : R) :
  is_derive g (f t) dg -> is_derive f t df -> is_derive (fun t => g (f t)) t (dg * df).
Proof.
  intros Hg Hf; replace (dg * df) with (scal df dg) by apply Rmult_comm.
  exact (is_derive_comp g f t dg df Hg Hf).
Qed.

Section Layers.
(* Layer l has units 0 ... width l; l = 0 are the inputs. *)
Variables (width : nat -> nat) (W : nat -> nat -> nat -> R) (b : nat -> nat -> R).
Variables (act slope : nat -> R -> R).
Hypothesis smooth : forall l z, is_derive (act l) z (slope l z).

Definition affine (m : nat) (V : nat -> nat -> R) (c : nat -> R) (h : nat -> R) (j : nat) : R :=
  sum_n (fun i => V j i * h i) m + c j.

Fixpoint hidden (l : nat) (x : nat -> R) (j : nat) : R :=
  match l with
  | O => x j
  | S k => act k (affine (width k) (W k) (b k) (hidden k x) j)
  end.

Definition slope_at (l : nat) (x : nat -> R) (j : nat) : R :=
  slope l (affine (width l) (W l) (b l) (hidden l x) j).

(* Derivatives forward, along a direction dx of the inputs. *)
Fixpoint tangent (l : nat) (x dx : nat -> R) (j : nat) : R :=
  match l with
  | O => dx j
  | S k => slope_at k x j * sum_n (fun i => W k j i * tangent k x dx i) (width k)
  end.

(* Derivatives backward, from c on the units of layer l to the inputs. *)
Definition pull (k : nat) (x c : nat -> R) (i : nat) : R :=
  sum_n (fun j => c j * slope_at k x j * W k j i) (width (S k)).

Fixpoint backward (l : nat) (x c : nat -> R) : nat -> R :=
  match l with O => c | S k => backward k x (pull k x c) end.

Lemma affine_is_derive (m : nat) (V : nat -> nat -> R) (c : nat -> R) (h : R -> nat -> R)
  (t : R) (dh : nat -> R) (j : nat) :
  (forall i, is_derive (fun t => h t i) t (dh i)) ->
  is_derive (fun t => affine m V c (h t) j) t (sum_n (fun i => V j i * dh i) m).
Proof.
  intros H; unfold affine.
  replace (sum_n (fun i => V j i * dh i) m) with (plus (sum_n (fun i => V j i * dh i) m) zero)
    by apply plus_zero_r.
  apply (is_derive_plus (fun t => sum_n (fun i => V j i * h t i) m) (fun _ => c j)).
  - apply (is_derive_sum_n (fun i t => V j i * h t i)); intros i _.
    apply is_derive_scaled, H.
  - apply (@is_derive_const R_AbsRing R_NormedModule).
Qed.

Theorem chain_rule (x : R -> nat -> R) (t : R) (dx : nat -> R) :
  (forall i, is_derive (fun t => x t i) t (dx i)) ->
  forall l j, is_derive (fun t => hidden l (x t) j) t (tangent l (x t) dx j).
Proof.
  intros Hx l; induction l as [|k IH]; intros j; simpl; [apply Hx|].
  apply (is_derive_inside (act k) (fun t => affine (width k) (W k) (b k) (hidden k (x t)) j)).
  - apply smooth.
  - apply affine_is_derive, IH.
Qed.

Theorem backward_is_transposed (x dx : nat -> R) (l : nat) :
  forall c, sum_n (fun j => c j * tangent l x dx j) (width l)
          = sum_n (fun i => backward l x c i * dx i) (width 0).
Proof.
  induction l as [|k IH]; intros c; [reflexivity|].
  change (backward (S k) x c) with (backward k x (pull k x c)).
  rewrite <- IH; simpl tangent.
  transitivity (sum_n (fun j => sum_n (fun i =>
      c j * slope_at k x j * W k j i * tangent k x dx i) (width k)) (width (S k))).
  - apply sum_equal; intros j; rewrite <- Rmult_assoc, <- sum_scaled.
    apply sum_equal; intros i; ring.
  - rewrite sum_exchanged; apply sum_equal; intros i; unfold pull.
    rewrite (Rmult_comm _ (tangent k x dx i)), <- sum_scaled.
    apply sum_equal; intros j; ring.
Qed.

(* A loss Σ_j loss_j(h_j) of the last layer, differentiable in each of its units. *)
Variables (loss dloss : nat -> R -> R).
Hypothesis loss_smooth : forall j h, is_derive (loss j) h (dloss j h).

Definition objective (l : nat) (x : nat -> R) : R :=
  sum_n (fun j => loss j (hidden l x j)) (width l).

Definition cotangent (l : nat) (x : nat -> R) : nat -> R :=
  backward l x (fun j => dloss j (hidden l x j)).

Theorem backpropagation (x : R -> nat -> R) (t : R) (dx : nat -> R) (l : nat) :
  (forall i, is_derive (fun t => x t i) t (dx i)) ->
  is_derive (fun t => objective l (x t)) t
    (sum_n (fun i => cotangent l (x t) i * dx i) (width 0)).
Proof.
  intros Hx; unfold objective, cotangent; rewrite <- backward_is_transposed.
  apply (is_derive_sum_n (fun j t => loss j (hidden l (x t) j))); intros j _.
  apply is_derive_inside; [apply loss_smooth | apply chain_rule, Hx].
Qed.

(* One more layer below, z = V h + c with activation g: dJ/dV[p,q] = dJ/dz[p] h[q]. *)
Variables (g dg : R -> R) (m : nat) (V : nat -> nat -> R) (c h : nat -> R).
Hypothesis g_smooth : forall z, is_derive g z (dg z).

Definition put2 (A : nat -> nat -> R) (p q : nat) (t : R) (i j : nat) : R :=
  if andb (Nat.eqb i p) (Nat.eqb j q) then t else A i j.
Lemma affine_put2 (p q j : nat) (t : R) :
  (q <= m)%nat ->
  affine m (put2 V p q t) c h j
  = affine m V c h j + (if Nat.eqb j p then (t - V p q) * h q else 0).
Proof.
  intros Hq; unfold affine.
  assert (E : sum_n (fun i => put2 V p q t j i * h i) m
    = sum_n (fun i => V j i * h i) m + (if Nat.eqb j p then (t - V p q) * h q else 0)).
  { apply (sum_changed _ _ m q); [exact Hq| |]; unfold put2.
    - intros i Hi; apply Nat.eqb_neq in Hi; rewrite Hi, Bool.andb_false_r; reflexivity.
    - rewrite Nat.eqb_refl, Bool.andb_true_r.
      destruct (Nat.eqb j p) eqn:Ej; [apply Nat.eqb_eq in Ej; subst j; ring | ring]. }
  rewrite E; ring.
Qed.

Lemma moved (l p : nat) (x : R -> nat -> R) (t d : R) (y : nat -> R) :
  (p <= width 0)%nat ->
  (forall j, x t j = y j) ->
  (forall j, is_derive (fun s => x s j) t (if Nat.eqb j p then d else 0)) ->
  is_derive (fun s => objective l (x s)) t (cotangent l y p * d).
Proof.
  intros Hp Hy Hx.
  assert (x t = y) as <- by (apply FunctionalExtensionality.functional_extensionality, Hy).
  pose proof (backpropagation x t _ l Hx) as B; cbv beta in B.
  rewrite (sum_changed _ (fun _ => 0) (width 0) p (cotangent l (x t) p * d)) in B.
  - rewrite (sum_equal _ (fun _ => 0 * 0)) in B by (intros; ring).
    rewrite sum_scaled, Rmult_0_l, Rplus_0_l in B; exact B.
  - exact Hp.
  - intros i Hi; apply Nat.eqb_neq in Hi; rewrite Hi; ring.
  - rewrite Nat.eqb_refl; ring.
Qed.

Theorem gradient_of_a_weight (l p q : nat) :
  (p <= width 0)%nat -> (q <= m)%nat ->
  is_derive (fun t => objective l (fun j => g (affine m (put2 V p q t) c h j))) (V p q)
    (cotangent l (fun j => g (affine m V c h j)) p * (dg (affine m V c h p) * h q)).
Proof.
  intros Hp Hq.
  apply (moved l p (fun t j => g (affine m (put2 V p q t) c h j))); [exact Hp| |].
  - intros j; rewrite affine_put2 by exact Hq; destruct (Nat.eqb j p); f_equal; ring.
  - intros j.
    apply (is_derive_ext (fun t => g (affine m V c h j
      + (if Nat.eqb j p then (t - V p q) * h q else 0)))).
    { intros t; rewrite affine_put2 by exact Hq; reflexivity. }
    destruct (Nat.eqb j p) eqn:Ej.
    + apply Nat.eqb_eq in Ej; subst j.
      apply (is_derive_inside g (fun t => affine m V c h p + (t - V p q) * h q)).
      * replace (affine m V c h p + (V p q - V p q) * h q) with (affine m V c h p) by ring.
        apply g_smooth.
      * auto_derive; [exact I | ring].
    + apply (@is_derive_const R_AbsRing R_NormedModule).
Qed.

Theorem gradient_of_a_bias (l p : nat) :
  (p <= width 0)%nat ->
  is_derive (fun t => objective l (fun j => g (affine m V (put1 c p t) h j))) (c p)
    (cotangent l (fun j => g (affine m V c h j)) p * dg (affine m V c h p)).
Proof.
  intros Hp.
  apply (moved l p (fun t j => g (affine m V (put1 c p t) h j))); [exact Hp| |].
  - intros j; unfold affine, put1; destruct (Nat.eqb j p) eqn:Ej; [|reflexivity].
    apply Nat.eqb_eq in Ej; subst j; reflexivity.
  - intros j; unfold put1; destruct (Nat.eqb j p) eqn:Ej.
    + apply Nat.eqb_eq in Ej; subst j; rewrite <- (Rmult_1_r (dg _)).
      apply (is_derive_inside g (fun t => affine m V (put1 c p t) h p)).
      * unfold affine, put1; rewrite Nat.eqb_refl; apply g_smooth.
      * unfold affine, put1; rewrite Nat.eqb_refl; auto_derive; [exact I | ring].
    + apply (is_derive_ext (fun _ => g (affine m V c h j))).
      { intros t; unfold affine; rewrite Ej; reflexivity. }
      apply (@is_derive_const R_AbsRing R_NormedModule).
Qed.
End Layers.

(* Losses that may stand for loss_j: half the squared error, and the cross entropy of a logistic
   unit in terms of its field z. *)
Lemma squared_loss (y h : R) : is_derive (fun h => (h - y) ^ 2 / 2) h (h - y).
Proof. auto_derive; [exact I | field]. Qed.

Lemma logistic_loss (y z : R) :
  is_derive (fun z => softplus z - y * z) z (sigmoid z - y).
Proof.
  auto_derive; [apply softplus_ex_derive|].
  rewrite softplus_Derive; ring.
Qed.

(* The mean over a batch of any size: the gradient is the mean of the gradients. *)
Theorem batch (J : nat -> R -> R) (dJ : nat -> R) (n : nat) (t : R) :
  (forall s, is_derive (J s) t (dJ s)) ->
  is_derive (fun t => sum_n (fun s => J s t) n / INR (S n)) t (sum_n dJ n / INR (S n)).
Proof.
  intros H; unfold Rdiv.
  apply (is_derive_ext (fun t => / INR (S n) * sum_n (fun s => J s t) n)).
  { intros s; apply Rmult_comm. }
  rewrite Rmult_comm; apply is_derive_scaled.
  apply (is_derive_sum_n J); intros k _; apply H.
Qed.
